"""A busy server: posts, edits, deletions and rising counts at a given rate, the same for the same seed."""
import asyncio
import random

from render import render_text
from world import iso

WORDS = ("sunrise harbour ferry kettle window market bicycle lantern river orchard quiet storm winter paper "
         "signal copper thread meadow island engine").split()
TAGS = ("linnet", "birds", "cpp", "caturday", "climate", "news", "photography")


class Traffic:
    def __init__(self, world, hub):
        self.world = world
        self.hub = hub
        self.task = None
        self.made = {"update": 0, "status.update": 0, "delete": 0, "counts": 0}

    def start(self, rate, seconds=None, seed=0, mix=None, authors=20):
        """`mix` weighs the kinds of event, e.g. {"update": 8, "status.update": 1, "delete": 1, "counts": 0}."""
        self.stop()
        mix = mix or {"update": 80, "status.update": 10, "delete": 5, "counts": 5}
        self.task = asyncio.create_task(self._run(rate, seconds, random.Random(seed), mix, authors))

    def stop(self):
        if self.task:
            self.task.cancel()
            self.task = None

    async def _run(self, rate, seconds, dice, mix, authors):
        loop = asyncio.get_running_loop()
        people = [self._author(n) for n in range(authors)]
        alive, done, start = [], 0, loop.time()
        total = None if seconds is None else int(rate * seconds)
        while total is None or done < total:
            due = int((loop.time() - start) * rate) + 1
            while done < due and (total is None or done < total):
                await self._step(dice, mix, people, alive)
                done += 1
            await asyncio.sleep(min(0.02, 1 / rate))

    def _author(self, number):
        acct = f"user{number}" + ("@remote.example" if number % 3 else "")
        return (self.world.find_account(acct) or self.world.add_account(acct))["id"]

    async def _step(self, dice, mix, people, alive):
        kind = dice.choices(list(mix), list(mix.values()))[0]
        if kind == "update" or not alive:
            kind = "update"
            content, tags, mentions = render_text(self.world, self._text(dice))
            status = self.world.add_status(dice.choice(people), content, tags=tags, mentions=mentions)
            alive.append(status)
            del alive[:-200]
            await self.hub.status_event("update", status)
        else:
            status = alive[dice.randrange(len(alive))]
            if kind == "delete":
                alive.remove(status)
                await self.hub.delete_event(status)
                self.world.delete_status(status)
            elif kind == "status.update":
                content, tags, mentions = render_text(self.world, self._text(dice))
                self.world.edit_status(status, content=content, tags=tags, mentions=mentions,
                                       edited_at=iso(self.world.now()))
                await self.hub.status_event("status.update", status)
            else:
                self.world.bump(status, dice.choice(("favourites_count", "reblogs_count")), dice.randrange(1, 9))
        self.made[kind] += 1

    @staticmethod
    def _text(dice):
        text = " ".join(dice.choice(WORDS) for _ in range(dice.randrange(4, 14)))
        return text + "".join(f" #{tag}" for tag in dice.sample(TAGS, dice.randrange(0, 3)))
