"""The recipe for the bundled multilingual encoder, one command per step (see README.md here).

corpus -> tokenizer -> train -> export -> evaluate_encoder. Nothing here is imported when the
product answers a question: it runs once, and its result is committed under `search/models/`.
"""
