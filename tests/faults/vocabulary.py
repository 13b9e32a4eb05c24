"""Words that invented reports are written with. Each report draws its own few of them: what it is about."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


ONSETS = _words("b br c cl d dr f fl g gr h j k l m n p pr qu r s sh st t th tr v w wh y")
VOWELS = _words("a e i o u ea ai oo ou ie")
CODAS = _words("b ck d ff g ll m n nd nt p r rd rn sk ss st t th x")
PLACES = _words("ham ley wick ford combe stead worth mere by holm thorpe bourne")

ROLES = _words("""
warden surveyor pilot teacher founder captain steward magistrate beekeeper archivist stationmaster vet choirmaster
midwife farmer driver coroner greengrocer collector cartographer glazier lifeguard clerk librarian locksmith organist
postmistress chemist auctioneer bricklayer forester translator pharmacist referee umpire saddler joiner plasterer
shepherd printer porter apprentice treasurer curate gardener optician upholsterer butcher conductor ranger
""")

NOUNS = _words("""
bridge reservoir tannery orchard lighthouse brewery almshouse allotment windmill chapel tramway market observatory
quarry ropewalk granary boatyard sawmill racecourse meadow cannery clock bandstand weighbridge hospital rink shelter
register wall dairy hostel exchange kiln footpath toll harbour lease timetable ledger pension licence ballot budget
petition verdict inquest tender mortgage receipt fine dividend deposit loan invoice tax levy charter statute permit
barrel bucket candle carpet chimney curtain cushion drawer engine fence gasket gutter hinge kettle ladder lantern lathe
mattress mirror needle oven paddle pipe plough pulley radiator ribbon saddle shovel shutter spanner stove tarpaulin
thermostat trolley turbine valve varnish wheelbarrow window wire anvil badge beacon bellows blanket bottle
badger beetle bullock crane donkey eel falcon ferret goose hare hedgehog heron lamb mackerel mule otter owl pheasant
pigeon pony rook salmon seal sparrow squirrel swan trout wasp
apple barley bean beetroot cabbage carrot cherry chestnut clover gooseberry hazel leek lettuce mushroom mustard nettle
oat onion parsnip pear plum potato rhubarb rye strawberry turnip walnut wheat willow
alarm anthem antenna atlas cello chorus comet concert crossword dictionary diploma drum exhibition festival film flute
glossary lecture library manuscript map medal mosaic mural novel opera organ painting photograph poem portrait poster
rehearsal sculpture sermon sonnet stamp statue tapestry telegram theatre trumpet violin
ankle appetite bandage cough dentist diet fever injury lung nerve ointment rash splint tooth vaccine wrist
avalanche blizzard cliff current delta drought earthquake estuary flood fog frost gale glacier gravel hail landslide
marsh moor ravine ridge sandbank shingle slope spring stream thaw thunder tide tunnel valley waterfall
""")

QUALITIES = _words("""
derelict painted unfinished disputed beloved overgrown leaking borrowed listed unlit narrow forgotten rented uninsured
crowded flooded private ancient temporary draughty celebrated rusting unmapped repaired shuttered mortgaged crooked
frozen prizewinning amber bitter blunt brittle bronze bulky clumsy coarse copper cracked crimson damp dented dusty empty
enormous faded famous feeble fertile foreign fragile fragrant generous gigantic gloomy golden greasy grey hollow humble
idle ivory jagged lavish lazy lonely loud magnetic marble melted mild modest mouldy muddy musical noisy oily orange
patient peculiar pointed polished portable precious purple quiet ragged random rare ripe rotten rural salty scarce
scarlet secret shallow shiny silent silver slender slippery sober solar spare spicy steep sticky stolen stubborn sturdy
sudden swollen tame tender thick tidy tiny toxic trusty uneven urgent vacant velvet violet wet wild wooden yellow
""")

DEEDS = _words("""
abandoned accepted adjusted admired adopted advertised altered amended announced assembled auctioned banned blamed
blessed blocked borrowed bought bridged broadcast buried cancelled carried ceded challenged charted checked
cleaned closed collected compared condemned confirmed copied counted covered crossed decorated defended delayed
delivered described destroyed discovered doubled drained dug emptied enlarged examined exchanged exported fenced filled
financed finished forged found gathered guarded halved heated hired ignored imported improved
inherited insured invented joined launched lent lifted lost lowered measured mended missed moved named opened ordered
outlived overturned owned paid photographed planted postponed praised preserved printed promised questioned raised
refused rejected released removed renamed replaced rescued restored returned reversed salvaged seized shared shortened
sketched sold sorted split stored studied surrendered survived swapped tested towed traced translated trimmed unearthed
valued visited warmed washed watched weighed welcomed widened won wrapped
""")

CONNECTIVES = _words("""
after before while because although unless until whenever wherever since though whereas once lest
""")

PREPOSITIONS = _words("""
above across against along amid among around behind below beneath beside between beyond despite during for from
inside near opposite outside past through toward under upon within without
""")

DETERMINERS = _words("the a its their our one every that this another her his some no each any my your")

ADVERBS = _words("""
again already almost barely briefly certainly clearly early eagerly finally gladly hardly hastily instead lately
loudly mostly nearly never often once openly partly perhaps plainly quickly quietly rarely sadly secretly seldom
simply slowly sometimes soon still suddenly surely today tomorrow twice usually yesterday
""")

SAYING = _words("""
added admitted agreed announced argued claimed complained conceded declared denied explained hinted insisted joked
noted objected predicted promised recalled remarked repeated replied said stressed suggested warned whispered wrote
""")

UNITS = _words("""
crates signatures visitors tonnes tickets tiles pages sacks votes letters complaints parcels bushels gallons yards hours
passengers volunteers pupils shares coins bricks seedlings samples postcards
""")
