"""Questions in any language to things of the plan: passages, encoders, indexes, ranking, SDGs."""
