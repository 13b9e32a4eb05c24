"""Any number of short reports from an invented county, each an event of its own."""

from __future__ import annotations

from itertools import product
from random import Random

PLACES = [
    "Ashcombe",
    "Bellwick",
    "Carrow",
    "Denholt",
    "Elmsey",
    "Farthing",
    "Gorse",
    "Hollin",
    "Inchley",
    "Jarrow",
    "Keld",
    "Lathom",
    "Marle",
    "Nettle",
    "Orrin",
]
WHO = ["Agnes", "Basil", "Clement", "Dora", "Edmund", "Freda", "Giles", "Hester", "Ivo", "Joan"]
NAMES = [
    "Thackeray",
    "Pettifer",
    "Mallow",
    "Quill",
    "Sorrell",
    "Wragg",
    "Yarrow",
    "Zeal",
    "Bracken",
    "Cobb",
    "Dunnock",
    "Fettle",
]
THINGS = [
    ("bridge", "was closed after a lorry struck its parapet", "engineers", "cracks in two of the arches"),
    ("library", "will open on Sundays from next month", "volunteers", "a waiting list for the reading room"),
    ("orchard", "has been sold to the people who rent its plots", "growers", "trees planted before the railway came"),
    ("quarry", "is to be flooded and turned into a lake", "walkers", "a colony of bats in the eastern face"),
    ("bakery", "has won back the contract for school meals", "parents", "loaves that went stale by noon"),
    ("weir", "gave way during the night of heavy rain", "anglers", "water up to the sills of the boathouse"),
    ("cinema", "has shown its last film after ninety years", "projectionists", "seats that nobody would repair"),
    ("bus garage", "will be moved to the edge of the town", "drivers", "fumes in the bedrooms opposite"),
]
SAYINGS = [
    "We have talked about this for longer than I care to remember",
    "Nobody asked us, and nobody will thank us for saying so",
    "It is a good day, and I did not expect to see it",
    "There is work here for every pair of hands until the autumn",
    "You could see it coming from the top of the hill",
]


def report(number: int) -> str:
    """A page that no other number gives; the same number gives the same."""
    random = Random(number)
    place, (thing, event, people, detail) = list(product(PLACES, THINGS))[number % (len(PLACES) * len(THINGS))]
    who, other = (f"{random.choice(WHO)} {random.choice(NAMES)}" for _ in range(2))
    count, cost, year = random.randrange(11, 990), random.randrange(2, 95), random.randrange(1810, 1990)
    paragraphs = [
        f"The {thing} in {place} {event}, the parish council said on Monday. It was told so by {who}, who has looked "
        f"after the {thing} for {random.randrange(3, 40)} years and keeps its accounts (entry {number}).",
        f"About {count} {people} had signed a letter that spoke of {detail}. Built in {year}, the {thing} cost the "
        f"parish £{cost},000 last year, more than the hall and the green together.",
        f'"{random.choice(SAYINGS)}," said {other}, who lives {random.randrange(20, 400)} yards away and counted '
        f"{random.randrange(30, 300)} visitors in one week. {random.choice(SAYINGS)}, others added.",
        f"The council meets again on the {random.randrange(2, 29)}th to vote on £{random.randrange(100, 999)} for "
        f"{random.choice(('lamps', 'railings', 'a survey', 'a lawyer'))}. {who.split()[1]} will speak first.",
    ]
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{place} {thing}: notice {number}</title></head><body><main>"
        f"<article><h1>{place} {thing}: notice {number}</h1>{body}</article></main></body></html>"
    )
