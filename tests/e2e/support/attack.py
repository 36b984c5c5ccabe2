"""What suites with a hostile server share: hooks, and the judgement of a
run that must have stayed in its bounds whatever it was told."""

import os

from .case import Case


def say(text):
    """A hook that sends a text (may hold TAG) and handles the command."""
    def hook(session, tag, rest):
        session.send(text.replace("TAG", tag) if isinstance(text, str)
                     else text.replace(b"TAG", tag.encode()))
        return True
    return hook


def before(text):
    """A hook that sends a text and lets the right answer follow."""
    def hook(session, tag, rest):
        session.send(text)
        return False
    return hook


def flood(data):
    return lambda session, tag, rest: session.flood(data)


def close(session, tag, rest):
    session.sock.shutdown(2)
    return True


class HostileCase(Case):

    def run_against(self, fake, box=None, local=None, deadline="4"):
        """A run against this server; judged for what must always hold."""
        box = box or self.box(fake, local=local)
        box.option("Repository Rem", remoteport=fake.port)
        box.option("general", socktimeout=deadline)
        with fake:
            result = box.run(timeout=45)
        self.assertGreaterEqual(result.code, 0, repr(result))
        self.assertLess(result.code, 10, repr(result))
        allowed = {"home"}
        self.assertEqual(set(os.listdir(box.top)), allowed, repr(result))
        for name in os.listdir(box.home):
            self.assertIn(name, (".offlineimaprc", ".offlineimap", "Mail"),
                          repr(result))
        self.assertNotRegex(result.out.replace("\n", ""),
                            "[\x00-\x08\x0b-\x1f\x7f\x9b]", "S20")
        return box, result
