"""Patterns of English phrases that may be dropped from a sentence, and of those that may not. Pure."""

from __future__ import annotations

import re

from bot.text import word_set

_THIS = r"(?:paper|work|article|study|report|letter|research|survey|thesis|note)"
ENUMERATED = re.compile(r"^\(?(?:\d|[ivx]{1,3})\) ")
_PURPOSE = (
    r"(?:address|tackle|overcome|solve|mitigate|alleviate|bridge|fill|remedy|resolve|achieve|answer|counter|combat"
    r"|close|reduce|handle|deal with|facilitate|meet|enable|support|improve|evaluate|better understand|understand"
    r"|investigate|study|fix|circumvent|relieve|avoid|explore|validate|verify|demonstrate)"
)
# Connective to the previous sentence, up to the subject.
LEAD = re.compile(
    r"(?:(?:and )?(?:"
    rf"(?:in|with|through) (?:this|the present|our) {_THIS}"
    rf"|(?:in order )?to (?:this end|that end|do so|do this|{_PURPOSE}\b[^,;:]{{0,120}})"
    r"|here|therefore|thus|hence|consequently|accordingly|specifically|in particular|moreover|furthermore|additionally"
    r"|in addition|finally|lastly|instead|however|in response|as a result|first(?:ly)?|second(?:ly)?|third(?:ly)?"
    r"|concretely|namely|in contrast|more specifically|more concretely|more precisely|more importantly|importantly"
    r"|notably|next|then|overall|in summary|in short|to summarize|also|besides|meanwhile|in this context"
    r"|for this (?:purpose|reason)|toward(?:s)? this (?:end|goal)|with this (?:in mind|goal in mind)|in doing so"
    r"|as a first step(?: [^,;:]{0,60})?|to our knowledge|to the best of our knowledge"
    r"|(?:motivated|inspired) by [^,;:]{0,110}|based on (?:this|these|our|the above) [^,;:]{0,90}"
    r"|in (?:light|view) of (?:this|these) [^,;:]{0,90}|building (?:up)?on (?:this|these) [^,;:]{0,90})"
    r")(?:, | (?=we ))(?:(?:therefore|then|also|further|thus|hence),? )?"
    rf"(?=(?:we|our|this|the|an?|here|in this {_THIS}) )",
    re.IGNORECASE,
)
# A contrast or a reason before a proposal is background.
BACKGROUND_LEAD = re.compile(
    r"(?:while|although|though|since|because|whereas) [^,;:]{10,160}, "
    r"(?=we (?:\w+ly )?(?:propose|present|introduce|develop|design|describe|study|investigate|explore)\b)",
    re.IGNORECASE,
)
AFTER_SUBJECT = re.compile(
    rf"^(we|this {_THIS}|our \w+) "
    r"(?:also|further|furthermore|then|therefore|thus|additionally|moreover|finally|subsequently|hence|next|here"
    rf"|in this {_THIS}|, in this {_THIS},) (?=\w)",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d")
# Never dropped: negations, hedges, conditions.
_GUARDED = (
    r"\b(?:not?|never|none|neither|nor|without|cannot|unable|fails?|failed|lacks?|hardly|rarely|\w+n['’]t"
    r"|may|might|could|some|sometimes|partly|partially|mostly|often|likely|possibly|potentially|presumably|seems?"
    r"|appears?|suggests?|certain|preliminary|limited|hypothes\w+|conjectur\w+"
    r"|if|unless|only|when|whenever|under|assum\w+|given|provided|except|until|as long as|in case|subject to|once"
    r"|whereas|while|but|although|though|unlike|despite|however|yet|albeit|contrary|contrast|opposed"
)
# The other side of a comparison.
_COMPARED = (
    r"|than|compar\w+|versus|vs|instead|rather|relative|even|over|beyond|as (?!well\b)\w+ as"
    r"|roughly|approximately|nearly|almost"
)
CLAUSE_GUARD = re.compile(_GUARDED + r")\b", re.IGNORECASE)
GUARD = re.compile(_GUARDED + _COMPARED + r")\b", re.IGNORECASE)
BRACKETS = re.compile(r" (\([^()]{1,160}\)|\[[^\[\]]{1,160}\])(?=[ ,.;:!?]|$)")
TAIL = re.compile(
    r"(?:, | [–—] )(?=(?:which|where|whose|in which|for which|of which|such as|including|e\.g\.|i\.e\.|thereby|thus"
    r"|hence|as well as|with|resulting|leading|[a-z]{3,}ing|so that|for example|namely|inspired by|based on|making)\b)"
    r"|(?<!ed)(?<!ly) (?=(?:by (?!means)[a-z]{3,}ing|using|via|through (?:the|an?)|by means of|in order to|such as"
    r"|including|leveraging|utilizing|thereby|for|in|on|from|across|within|with|to|at|when|between|over|while|because"
    r"|since|that)\b)"
)
# Words that need a continuation.
UNFINISHED = word_set(
    """
    able according achieved acts aim aiming aims applied apply applies argue argues as attempt attempts attributed
    based belong belongs built called capable challenging clear compared conditioned consist consisting consists
    contribute contributes corresponding corresponds depend depending depends designed difficult differ differs
    due easy enough equivalent essential evaluate fail fails focus focused focuses focusing goal hard how
    impossible known lead leading leads learn learned learns led likely method need needed needs not objective
    optimize ought possible prior refer refers related relative relevant relies rely relying required respect
    result resulting results robust seek seeks similar so such suffer suffers superior tend tends the together
    trained tries try trying unable use used useful way ways well whether
    """
)
SUBORDINATE = re.compile(
    r"(?:while|although|though|since|because|as|if|when|whenever|considering|given|despite|unlike|in order|by|to|for"
    r"|after|before|once|with|without|under|using|whereas|in contrast|compared|based|motivated|inspired)\b",
    re.IGNORECASE,
)
MANNER_LEAD = re.compile(
    r"(?:using|by|through|leveraging|via|building (?:up)?on|drawing (?:up)?on|drawing inspiration from|inspired by"
    rf"|motivated by|taking inspiration from|based on) [^,;:]{{5,140}}, (?:in this {_THIS},? )?(?=we )",
    re.IGNORECASE,
)
LISTS = re.compile(r", (?:and|or) (?:[a-z]+ly )?[a-z]+ing\b")
ASIDE = re.compile(r", (?:which|i\.e\.,?|that is,) [^,;:]{4,90}, (?!and\b|or\b|but\b|which\b)")
_REPORTS = sorted(
    word_set(
        """
        show demonstrate propose introduce present prove evaluate apply develop provide analyze analyse describe
        derive discuss explore investigate examine illustrate establish validate verify conduct identify observe
        achieve obtain construct argue confirm empirically experimentally theoretically
        """
    )
)
_BASE = "|".join(_REPORTS)
_THIRD = "|".join(f"{verb}s" for verb in _REPORTS if not verb.endswith("ly")) + "|applies|identifies|verifies"
SAYS = re.compile(
    rf"(?:{_BASE}|{_THIRD}|shown|found|proven|proved|demonstrated|observed|believe|argues?|hypothesi[sz]e)"
)
AND_WE = re.compile(r"(?:, and|;| and)(?: then| also| further| finally)? (?=we (?:\w+ly )?[a-z]+)")
AND_VERB = re.compile(rf",? and (?:then |also |further |finally |subsequently )?(?=(?:{_BASE})\b)")
AND_MORE = re.compile(
    r", and (?:then |also |further |finally )?(?=(?:use|train|test|release|report|design|build|study|extend|formulate"
    r"|outperform|compare|solve|learn|optimize|offer|highlight|uncover|reveal|give|create|perform|combine|integrate"
    r"|incorporate|address|improve|show|open-source) "
    r"(?:a|an|the|our|its|their|that|how|it|them|this|several|new|for)\b)"
)
AND_THIRD = re.compile(rf",? and (?:then |also |further |finally |subsequently )?(?=(?:{_THIRD})\b)")
CLAUSE_BREAK = re.compile(r"; |: (?=(?:a|an|we|the) )|(?<=[a-z)]) [–—] |[.] (?=[(]?(?:i|1)[)] )")
SUBJECT = re.compile(rf"(?:we|this {_THIS}) (?=[a-z])", re.IGNORECASE)
DEPENDENT = re.compile(r"\b(?:to|that|can|could|which|will|by|if|whether|how)\b")
PAIRED = re.compile(r"\b(?:both|either|neither|between|not only|whether)\b", re.IGNORECASE)
# `We show that …` becomes `…`; `argue`, `believe` and `suggest` stay, since they hedge.
THAT = re.compile(
    r"(?:in (?:extensive |our |several |numerous )?experiments,? )?"
    r"(?:we|(?:our|the|extensive|these|experimental|empirical|numerical|comprehensive|theoretical)(?: \w+){0,2}? "
    r"(?:results?|experiments?|evaluations?|findings?|analys[ie]s|studies|study)(?: on [^,;:]{3,60}?)?|experiments)"
    r" (?:(?:\w+ly|also|then|thus|further|first)(?:,? and \w+ly)? )?"
    r"(?:show|demonstrate|prove|find|observe|shows|demonstrates|proves|discover|reveal|establish|confirm|verify)"
    r"(?:,? (?:both )?(?:theoretically|empirically|experimentally)"
    r"(?: and (?:theoretically|empirically|experimentally))?,?)?"
    r" that ",
    re.IGNORECASE,
)
# `We propose a method that …` becomes `A method that …`.
ANNOUNCED = re.compile(
    rf"(?:[Ww]e|[Tt]his {_THIS}) (?:\w+ly )?(?:proposes?|presents?|introduces?|describes?|develops?|designs?|devises?) "
    r"(?=(?:an? |the first |[A-Z]))",
)
ANAPHORA = re.compile(
    r"(?:it|they|these|those|such|its|their|he|she|both|one|doing|as|if|when|under|in|for|by|with|on|at|using"
    r"|this (?!paper|work|article|study|report))\b",
    re.IGNORECASE,
)
PRONOUN = re.compile(r"\b(?:it|its|they|their|them|this|these|those|such)\b", re.IGNORECASE)
TWO_THAT = re.compile(rf"\b(?:and|or|but)(?: also)? (?:that|we|(?:{_BASE}))\b")
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|might|will|would|must|should|does|do|did|we (?:\w+ly )?[a-z]+"
    r"|[a-z]{2,}(?:izes?|ises?|ates?|ifies)"
    r"|(?:propos|introduc|describ|analy[sz]|provid|achiev|improv|demonstrat|prov|investigat|examin|reduc|enabl|combin"
    r"|explor|observ|leverag|captur|outperform|show|present|develop|learn|requir|perform|allow|yield|obtain|extend"
    r"|perform|outperform|surpass|exceed|match|stud|offer|address|tackl|establish|depend|help|lead|result|suffer"
    r"|remain|becom|exhibit|exist|explain|predict|generat|produc|contain|consist|rel|treat|train|us|tak|giv|mak"
    r"|find|need)(?:e|es|s|y|ies)?)\b",
    re.IGNORECASE,
)
HANGING = re.compile(r"(?:,|\b(?:like|and|or|by|as|for|of|than)) \w+ing\.?$")
DANGLING = word_set(
    """
    a an the of to in for with by on at from as and or but nor that which who whose is are was were be been can
    could may might will would than into onto over under between both either such each our their its this these
    more most very not no e.g i.e using via through we show demonstrate new novel based while when if simply only
    just
    """
)
