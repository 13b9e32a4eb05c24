"""What came in while a batch was looked at: taken in with nothing locked, and what is left of it under the fold lock.

Where several processes fold, another batch nearly always comes in meanwhile. Deciding all anew under the lock is what
the others wait for; so a batch catches up just before it is decided, and under the lock there is mostly nothing left.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from storyfold.matching.candidates import Newcomers
from storyfold.matching.idf import Idf
from storyfold.matching.neighbourhood import Neighbourhood
from storyfold.stages.incoming import Incoming
from storyfold.store import bonds, texts
from storyfold.store.candidates import Loader

# A smaller batch is looked at so quickly that next to nothing comes in, and asking would cost as much as it spares.
WORTH_CATCHING_UP = 8


def catch_up(
    session: Session, batch: Sequence[Incoming], around: Neighbourhood, seen: int, idf: Idf, loader: Loader
) -> tuple[Sequence[Incoming], Neighbourhood, int]:
    """The batch, each with what came in since `seen`; what is around it now; and how far the corpus was looked at."""
    if len(batch) < WORTH_CATCHING_UP:
        return batch, around, seen
    own = {incoming.id for incoming in batch}
    came, seen = texts.came_since(session, seen)
    came = [id for id in came if id not in own]
    if not came:
        return batch, around, seen
    around = around.without(came)
    newcomers = take_in(session, batch, around, came, idf, loader)
    return [incoming.meeting(newcomers) for incoming in batch], around, seen


def take_in(
    session: Session,
    batch: Sequence[Incoming],
    around: Neighbourhood,
    came: Collection[int],
    idf: Idf,
    loader: Loader,
) -> Newcomers:
    """Add to `around` what came in, with the bonds that it changed, and forget how it compared before. -> these
    articles as the indexes would give them."""
    around.add(loader.load(session, came))
    forgotten = around.forget(bonds.bound_by(session, came))
    around.know(bonds.neighbours_of(session, {*came, *forgotten}))
    newcomers = Newcomers(idf)
    newcomers.add_all((id, around.by_id[id].fingerprint) for id in came if id in around.by_id)
    for incoming in batch:
        incoming.compared.forget(came)
    return newcomers
