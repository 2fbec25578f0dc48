"""The shops of the invented marketplace, and how well they do."""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from config.demo.texts import BIKE_KINDS, DEVICE_KINDS, GENERAL_KINDS, Kind
from sellers.enums import Language, Role

NL, EN = Language.DUTCH, Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works at a shop.

    `share` is how much of the answering this person does, `skill` how much happier the customers
    are for it (share of promoters minus detractors), `optimism` how many points the predictions
    lie above what customers then give.
    """

    login: str
    name: str
    role: Role
    share: float = 0
    skill: float = 0
    optimism: float = 0.5

    @property
    def email(self) -> str:
        """Return the e-mail to log in with; it reaches nobody."""
        return f"{self.login}@demo.example"

    @property
    def first_name(self) -> str:
        """Return the name under a reply."""
        return self.name.partition(" ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop: its people, how much is asked in which season, and what its customers think.

    `weakness` is the slug of the topic that its unhappy customers tick most. `course` are values
    of the NPS (as a fraction) at equal distances over the two years, `growth` how much busier
    the end is than the beginning, `seasons` how busy each month is, January first; in a month of
    0 the shop is closed. It is asked nothing before it joined; where it `came_with_history`, what
    another program measured until then is imported. `notes` is what its owner says of a month, by
    how many months ago it was.
    """

    name: str
    country: str
    contact_email: str
    measurements: float
    scalable: bool = True
    weakness: str = "effort"
    course: tuple[float, ...] = (0.2, 0.2)
    growth: float = 1.0
    seasons: tuple[float, ...] = (1,) * 12
    kinds: tuple[Kind, ...] = DEVICE_KINDS
    products: dict[Language, tuple[str, ...]]
    people: tuple[Person, ...]
    joined_days_ago: int
    came_with_history: bool = False
    notes: Mapping[int, str] = field(default_factory=dict)

    def busyness(self, day: date, *, progress: float) -> float:
        """Return how much is asked on a day, compared with other days of this shop."""
        season, weekday = self.seasons[day.month - 1], WEEK[day.weekday()]
        return season * weekday * math.exp(math.log(self.growth) * progress)

    def happiness(self, day: date, *, progress: float) -> float:
        """Return the NPS, as a fraction, that this shop earns on a day."""
        return interpolate(self.course, progress) - CROWDS.get(day.month, 0)


# Mondays bring the questions of the weekend.
WEEK: Final = (1.35, 1.15, 1.1, 1.05, 1.05, 0.75, 0.55)
# In the busy months parcels are late everywhere.
CROWDS: Final = {11: 0.03, 12: 0.07, 1: 0.02}


def interpolate(values: tuple[float, ...], progress: float) -> float:
    """Return the value at `progress` (0 to 1) of a line through equally spaced values."""
    steps = len(values) - 1
    position = min(max(progress, 0.0), 1.0) * steps
    left = min(bisect_right(range(steps), position) - 1, steps - 1)
    return values[left] + (values[left + 1] - values[left]) * (position - left)


FIETSENZO: Final = Shop(
    name="Fietsenzo B.V.",
    country="NL",
    contact_email="klantenservice@fietsenzo.example",
    measurements=40_000,
    weakness="clarity",
    course=(0.22, 0.19, 0.25, 0.24, 0.30, 0.34),
    growth=1.25,
    seasons=(0.75, 0.75, 0.95, 1.1, 1.2, 1.25, 1.15, 1.0, 0.95, 0.85, 1.15, 1.3),
    kinds=BIKE_KINDS,
    products={
        NL: (
            "stadsfiets",
            "e-bike",
            "kinderfiets",
            "bakfiets",
            "vouwfiets",
            "fietstas",
            "fietshelm",
            "kinderzitje",
            "kettingslot",
            "fietspomp",
            "voordrager",
            "regenjas",
            "fietskar",
        ),
        EN: (
            "city bike",
            "e-bike",
            "children’s bike",
            "cargo bike",
            "folding bike",
            "pannier",
            "helmet",
            "child seat",
            "chain lock",
            "bicycle pump",
            "bicycle trailer",
        ),
    },
    people=(
        Person("owner", "Marloes Hazelaar", Role.OWNER, share=3, skill=0.1),
        Person("agent", "Joris Lindeboom", Role.AGENT, share=16, skill=0.08),
        Person("aylin", "Aylin Demir", Role.AGENT, share=18, skill=0.14),
        Person("bram", "Bram Oosterwijk", Role.AGENT, share=14, skill=-0.16, optimism=1.6),
        Person("chantal", "Chantal Verloop", Role.AGENT, share=12, optimism=-0.4),
        Person("dewi", "Dewi Sastro", Role.AGENT, share=13, skill=0.05, optimism=0.1),
        Person("kees", "Kees van Rijssel", Role.AGENT, share=11, skill=-0.07, optimism=1.1),
        Person("naomi", "Naomi Tjon", Role.AGENT, share=9, skill=0.02),
        Person("tim", "Tim Wagenaar", Role.AGENT, share=4, skill=-0.1, optimism=0.9),
        Person("analyst", "Esther Blok", Role.ANALYST),
    ),
    joined_days_ago=2_300,
    notes={9: "Nieuwe bezorger", 4: "Twee nieuwe collega’s ingewerkt"},
)

LICHTPUNT: Final = Shop(
    name="Lichtpunt Verlichting",
    country="NL",
    contact_email="service@lichtpunt.example",
    measurements=2_600,
    weakness="speed",
    course=(0.42, 0.40, 0.33, 0.24, 0.12, 0.02),
    growth=1.5,
    seasons=(1.1, 1, 0.9, 0.8, 0.7, 0.6, 0.6, 0.7, 1, 1.25, 1.5, 1.6),
    products={
        NL: (
            "hanglamp",
            "staande lamp",
            "ledstrip",
            "plafondlamp",
            "buitenlamp",
            "dimmer",
            "bureaulamp",
            "spotset",
        ),
        EN: ("pendant lamp", "floor lamp", "LED strip", "ceiling lamp", "garden light", "dimmer"),
    },
    people=(
        Person("lichtpunt", "Harmen Zonderland", Role.OWNER, share=4, skill=0.05),
        Person("rosa", "Rosa Kersten", Role.AGENT, share=6, skill=0.08),
        Person("milan", "Milan de Roos", Role.AGENT, share=8, skill=-0.08, optimism=1.4),
    ),
    joined_days_ago=1_500,
    notes={7: "Magazijn verhuisd"},
)

SPEELHUIS: Final = Shop(
    name="Speelhuis Gent",
    country="BE",
    contact_email="hallo@speelhuisgent.example",
    measurements=1_900,
    weakness="solution",
    course=(0.05, -0.14, -0.10, 0.12, 0.30, 0.40),
    growth=0.9,
    seasons=(0.8, 0.7, 0.7, 0.8, 0.8, 0.8, 0.8, 0.7, 0.9, 1.2, 2.2, 2.4),
    products={
        NL: (
            "houten trein",
            "poppenhuis",
            "loopfiets",
            "bouwdoos",
            "puzzel",
            "gezelschapsspel",
            "knuffelbeer",
            "step",
        ),
        EN: (
            "wooden train",
            "doll’s house",
            "balance bike",
            "building set",
            "puzzle",
            "board game",
        ),
    },
    people=(
        Person("speelhuis", "Liesbeth Vercauteren", Role.OWNER, share=5, skill=0.06),
        Person("wouter", "Wouter Baeyens", Role.AGENT, share=6),
        Person("ines", "Inès Delvaux", Role.AGENT, share=5, skill=0.04),
    ),
    joined_days_ago=1_100,
)

TUIN: Final = Shop(
    name="Tuin & Terras Drenthe",
    country="NL",
    contact_email="info@tuinterras.example",
    measurements=650,
    course=(0.24, 0.30, 0.27),
    # Closed in winter: months without measurements.
    seasons=(0, 0.3, 1, 1.8, 2, 1.8, 1.4, 1, 0.7, 0.35, 0, 0),
    products={
        NL: ("tuinset", "parasol", "loungebank", "barbecue", "plantenbak", "tuinslang", "hangmat"),
        EN: ("garden set", "parasol", "lounge sofa", "barbecue", "planter", "hammock"),
    },
    people=(
        Person("tuin", "Roelof Hunze", Role.OWNER, share=1, skill=0.02),
        Person("geesje", "Geesje Eising", Role.AGENT, share=1),
    ),
    joined_days_ago=2_000,
)

KAARSEN: Final = Shop(
    name="De Kaarsenmakerij",
    country="NL",
    contact_email="post@kaarsenmakerij.example",
    measurements=18,
    scalable=False,
    course=(0.4, 0.4),
    kinds=GENERAL_KINDS,
    growth=4,
    seasons=(1, 1, 0.8, 0.8, 0.7, 0.6, 0.6, 0.8, 1, 1.3, 1.7, 1.8),
    products={
        NL: ("bijenwaskaars", "geurkaars", "drijfkaarsenset", "kandelaar", "adventskaars"),
        EN: ("beeswax candle", "scented candle", "candlestick", "advent candle"),
    },
    people=(Person("small", "Hanneke Waslander", Role.OWNER, share=1, skill=0.1),),
    joined_days_ago=900,
)

NIEUWE_BLADZIJDE: Final = Shop(
    name="Nieuwe Bladzijde",
    country="NL",
    contact_email="hallo@nieuwebladzijde.example",
    measurements=0,
    kinds=GENERAL_KINDS,
    products={
        NL: ("vulpen", "notitieboek", "agenda", "briefpapier"),
        EN: ("fountain pen", "notebook", "diary", "writing paper"),
    },
    people=(Person("new", "Sterre van Buren", Role.OWNER, share=1),),
    joined_days_ago=6,
)


def _neighbour(
    name: str,
    owner: Person,
    *,
    weakness: str,
    course: tuple[float, ...],
    dutch: tuple[str, ...],
    english: tuple[str, ...],
    country: str = "NL",
) -> Shop:
    """Return a shop that is there so that others can be compared: its owner answers alone."""
    return Shop(
        name=name,
        country=country,
        contact_email=f"service@{owner.login}.example",
        measurements=320,
        weakness=weakness,
        course=course,
        products={NL: dutch, EN: english},
        people=(owner,),
        joined_days_ago=1_200,
    )


def _owner(login: str, name: str) -> Person:
    return Person(login, name, Role.OWNER, share=1, skill=0.02)


NEIGHBOURS: Final = (
    _neighbour(
        "Kampeerhoek",
        _owner("kampeerhoek", "Sjaak Veldhuizen"),
        weakness="expertise",
        course=(0.30, 0.34),
        dutch=("tent", "slaapzak", "luchtbed", "kookstel"),
        english=("tent", "sleeping bag", "air bed", "camping stove"),
    ),
    _neighbour(
        "Sportdepot Twente",
        _owner("sportdepot", "Marit Lammertink"),
        weakness="speed",
        course=(0.18, 0.12, 0.20),
        dutch=("hardloopschoen", "voetbal", "yogamat", "halterset"),
        english=("running shoe", "football", "yoga mat", "dumbbell set"),
    ),
    _neighbour(
        "Huisdierplezier",
        _owner("huisdier", "Fenna Hoekman"),
        weakness="clarity",
        course=(0.52, 0.48, 0.55),
        dutch=("krabpaal", "hondenmand", "aquarium", "kattenluik"),
        english=("scratching post", "dog bed", "aquarium", "cat flap"),
    ),
    _neighbour(
        "Papier & Pen Antwerpen",
        _owner("papier", "Joke Verstappen"),
        weakness="friendliness",
        course=(-0.05, 0.02, -0.02),
        dutch=("printer", "bureaustoel", "agenda", "papiersnijder"),
        english=("printer", "office chair", "diary", "paper cutter"),
        country="BE",
    ),
    _neighbour(
        "Babywinkel Zonnetje",
        _owner("zonnetje", "Nadia Benali"),
        weakness="solution",
        course=(0.38, 0.30, 0.26),
        dutch=("kinderwagen", "autostoel", "babyfoon", "commode"),
        english=("pram", "car seat", "baby monitor", "changing table"),
    ),
    replace(
        _neighbour(
            "Keukenlade",
            _owner("keukenlade", "Pascal Wijnands"),
            weakness="effort",
            course=(0.10, 0.16, 0.14),
            dutch=("koekenpan", "messenset", "blender", "weegschaal"),
            english=("frying pan", "knife set", "blender", "kitchen scales"),
        ),
        joined_days_ago=330,
        came_with_history=True,
    ),
    _neighbour(
        "Geluid & Beeld Zwolle",
        _owner("geluid", "Henk Rozeboom"),
        weakness="speed",
        course=(0.25, 0.22, 0.28),
        dutch=("koptelefoon", "platenspeler", "luidspreker", "projector"),
        english=("headphones", "turntable", "loudspeaker", "projector"),
    ),
    _neighbour(
        "Klusmaat",
        _owner("klusmaat", "Ria Dommerholt"),
        weakness="expertise",
        course=(0.02, 0.10, 0.17),
        dutch=("boormachine", "ladder", "werkbank", "schuurmachine"),
        english=("drill", "ladder", "workbench", "sander"),
    ),
)
SHOPS: Final = (
    FIETSENZO,
    LICHTPUNT,
    SPEELHUIS,
    TUIN,
    KAARSEN,
    NIEUWE_BLADZIJDE,
    *NEIGHBOURS,
)
STAFF: Final = ("staff@demo.example", "Vera Marktmeester")
