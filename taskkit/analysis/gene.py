"""The genes of the synthetic studies: symbol, Entrez number, chromosome and length."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene as a mutation table names it."""

    symbol: str
    entrez: int
    chromosome: str
    length: int
    """Amino acids of its protein, roughly; longer genes gather more passenger mutations."""


_TABLE = """
TP53 7157 17 393|PIK3CA 5290 3 1068|KRAS 3845 12 188|NRAS 4893 1 189|BRAF 673 7 766
EGFR 1956 7 1210|ERBB2 2064 17 1255|MET 4233 7 1390|APC 324 5 2843|PTEN 5728 10 403
RB1 5925 13 928|CDKN2A 1029 9 156|MYC 4609 8 439|CCND1 595 11 295|FGFR1 2260 8 822
FGFR3 2261 4 806|KMT2D 8085 12 5537|KMT2C 58508 7 4911|ARID1A 8289 1 2285|KDM6A 7403 X 1401
STAG2 10735 X 1231|TERT 7015 5 1132|IDH1 3417 2 414|ATRX 546 X 2492|CIC 23152 19 1608
FUBP1 8880 1 644|NOTCH1 4851 9 2555|NF1 4763 17 2839|STK11 6794 19 433|KEAP1 9817 19 624
SMARCA4 6597 19 1647|SMAD4 4089 18 552|GATA3 2625 10 443|MAP3K1 4214 5 1512|CDH1 999 16 882
ESR1 2099 6 595|AKT1 207 14 480|FBXW7 55294 4 707|SOX9 6662 17 509|TCF7L2 6934 10 619
RNF43 54894 17 783|MDM2 4193 12 491|CDK4 1019 12 303|PDGFRA 5156 4 1089|CCNE1 898 19 410
DNMT3A 1788 2 912|TET2 54790 4 2002|FLT3 2322 13 993|NPM1 4869 5 294|RUNX1 861 21 480
ASXL1 171023 20 1541|SRSF2 6427 17 221|IDH2 3418 15 452|CEBPA 1050 19 358|WT1 7490 11 449
ATM 472 11 3056|BRCA1 672 17 1863|BRCA2 675 13 3418|MSH6 2956 2 1360|POLE 5426 12 2286
CTNNB1 1499 3 781|CREBBP 1387 16 2442|EP300 2033 22 2414|ERCC2 2068 19 760|ELF3 1999 1 371
CD274 29126 9 290|PDCD1 5133 2 288|CD8A 925 2 235|GZMB 3002 14 247|IFNG 3458 12 166
CXCL9 4283 4 125|MKI67 4288 10 3256|AURKA 6790 20 403|TOP2A 7153 17 1531|VIM 7431 10 466
KRT5 3852 12 590|KRT20 54474 12 424|GFAP 2670 17 432|FOXA1 3169 14 472|PGR 5241 11 933
TTN 7273 2 34350|MUC16 94025 19 14507|CSMD3 114788 8 3707|RYR2 6262 1 4967|LRP1B 53353 2 4599
USH2A 7399 1 5202|FAT4 79633 4 4981|PCLO 27445 7 5065|SYNE1 23345 6 8797|DNAH5 1767 5 4624
OBSCN 84033 1 7968|FLG 2312 1 4061|ZFHX4 79776 8 3567|XIRP2 129446 2 3374|HMCN1 83872 1 5635
"""
GENES: dict[str, Gene] = {
    symbol: Gene(symbol, int(entrez), chromosome, int(length))
    for symbol, entrez, chromosome, length in (
        entry.split() for line in _TABLE.strip().splitlines() for entry in line.split("|")
    )
}
"""By symbol."""
ALIASES = {
    "ERBB2": ("HER2", "HER2/neu"),
    "CD274": ("PD-L1", "B7-H1"),
    "PDCD1": ("PD-1",),
    "MKI67": ("Ki-67",),
    "CDKN2A": ("p16", "INK4a"),
    "TP53": ("p53",),
    "KMT2D": ("MLL2",),
    "KMT2C": ("MLL3",),
    "STK11": ("LKB1",),
    "PGR": ("progesterone receptor",),
    "ESR1": ("oestrogen receptor alpha", "ER alpha"),
    "SMAD4": ("DPC4",),
    "CDH1": ("E-cadherin",),
    "KRT5": ("cytokeratin 5",),
    "KRT20": ("cytokeratin 20",),
    "VIM": ("vimentin",),
    "TOP2A": ("topoisomerase II alpha",),
    "AURKA": ("Aurora kinase A",),
    "CCND1": ("cyclin D1",),
    "CCNE1": ("cyclin E1",),
    "GZMB": ("granzyme B",),
    "IFNG": ("interferon gamma",),
    "SMARCA4": ("BRG1",),
    "KDM6A": ("UTX",),
    "NPM1": ("nucleophosmin",),
    "CTNNB1": ("beta-catenin",),
    "RUNX1": ("AML1",),
}
"""Other names that clinicians have for a gene; the tables have the symbol."""
EXPRESSED = (
    "CD274", "PDCD1", "CD8A", "GZMB", "IFNG", "CXCL9", "MKI67", "AURKA", "TOP2A", "VIM", "KRT5",
    "KRT20", "GFAP", "FOXA1", "PGR", "ESR1", "ERBB2", "EGFR", "MYC", "CCND1", "CDK4", "MDM2",
    "TP53", "PTEN", "RB1", "KRAS", "GATA3", "SOX9", "FGFR3", "MET", "PDGFRA", "CCNE1",
)  # fmt: skip
"""Those whose expression is measured."""
PROFILED = (
    "ERBB2", "MYC", "CCND1", "FGFR1", "EGFR", "MDM2", "CDK4", "PDGFRA", "CCNE1", "MET", "PTEN",
    "RB1", "CDKN2A", "SMAD4", "TP53", "NF1", "KRAS", "PIK3CA", "FGFR3", "SOX9", "GATA3", "STK11",
    "ATM", "BRCA2",
)  # fmt: skip
"""Those whose copies are counted."""
