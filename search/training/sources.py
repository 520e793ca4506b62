"""How often each source, language and kind of pair is drawn in training: the recipe's judgement."""

from __future__ import annotations

from collections.abc import Mapping

JAPANESE = "ja"
PIVOT = "en"

# Hundreds of thousands of pairs about APIs and cloud consoles: alignment worth having, but a
# government plan speaks of residents, farming and care, so they are drawn rarely.
TECHNICAL = frozenset(
    {
        "python_docs_po",
        "tensorflow_docs",
        "kubernetes_docs",
        "react_docs",
        "fastapi_docs",
        "opentelemetry_docs",
        "electron_docs",
        "freecodecamp_curriculum",
        "ms_azd",
        "ms_edgeai",
        "ms_iot",
        "ms_sec101",
        "ms_genaidotnet",
        "nodejs_site",
    }
)
TECHNICAL_WEIGHT = 0.2

# Expected draws of one pair of the source relative to one pair of weight 1.
SOURCE_WEIGHTS: Mapping[str, float] = {
    "ms_iot": 0.5,  # farming, food, transport: the least technical of the courses
    "jmdict_ja_en": 0.4,
    "wiktionary_en_xx": 0.4,
    "wiktionary_ja_xx_pivot": 0.5,
    "omw_multilingual": 0.1,
    "cc_cedict": 0.3,
    "cldr_names": 0.25,
    "osm_presets": 0.6,
    "sudachi_synonyms": 0.7,
    "ui_locales_misc": 0.4,
    "medquad_qp": 0.3,
    "tatoeba_en_xx": 1.5,
    "small_parallel_enja": 1.5,
    "tatoeba_ja_xx_pivot": 1.5,
    "alt_ja_vi": 4.0,
    "tico19": 2.0,
    "opensource_guide": 3.0,
    "mozilla_legal": 2.0,
    "bitcoin_org_i18n": 1.5,
    "cncf_glossary": 1.5,
    "sdg_goals_targets_indicators": 2.0,
    "udhr": 3.0,
    "jlt_legal_dictionary": 5.0,
    "rs_policy_ja": 2.0,
    "municipal_programs_ja": 2.0,
    "jawiki_country_sections": 2.0,
    "osaka_covid19_locales": 5.0,
    "contributor_covenant": 2.0,
    "policy_glossary": 120.0,  # two thousand pairs in the very words that users type
    "policy_thesaurus": 24.0,  # what residents say beside what plans say, and little else like it
    "zh_qa_qp": 2.0,
    "ko_paraphrase": 5.0,
    "ja_paraphrase": 3.0,
}

# The languages users of a Japanese plan read, against the amount of text there is for them.
LANGUAGE_WEIGHTS: Mapping[str, float] = {
    "ja": 1.6,
    "en": 1.0,
    "ko": 1.8,
    "vi": 1.5,
    "zh": 1.0,
    "zh-Hans": 1.0,
    "zh-Hant": 1.0,
    "tl": 1.3,
    "ne": 1.0,
    "th": 1.3,
    "id": 1.0,
    "es": 0.9,
    "pt": 0.9,
    "fr": 0.7,
    "de": 0.7,
    "my": 0.4,
}

# Shares of the lines the tokeniser is trained on; Japanese and Han-script text need the pieces.
TOKENIZER_SHARES: Mapping[str, float] = {
    "ja": 0.24,
    "en": 0.13,
    "zh": 0.02,
    "zh-Hans": 0.09,
    "zh-Hant": 0.06,
    "ko": 0.12,
    "vi": 0.06,
    "es": 0.04,
    "pt": 0.04,
    "id": 0.04,
    "fr": 0.04,
    "de": 0.04,
    "tl": 0.03,
    "th": 0.03,
    "ne": 0.015,
    "my": 0.005,
}


def pair_weight(source: str, lang1: str, lang2: str) -> float:
    """How much a pair of `source` between two languages (BCP 47) counts when batches are drawn."""
    default = TECHNICAL_WEIGHT if source.removesuffix("+pivot") in TECHNICAL else 1.0
    weight = SOURCE_WEIGHTS.get(source.removesuffix("+pivot"), default)
    return weight * LANGUAGE_WEIGHTS.get(lang1, 1.0) * LANGUAGE_WEIGHTS.get(lang2, 1.0)
