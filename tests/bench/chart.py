"""A bar chart in SVG: for each scenario the programs, the slowest as long as
the picture is wide.  Colours change with the reader's scheme."""

from html import escape

NAMES = {"ours": "this program", "mbsync": "mbsync",
         "offlineimap3": "offlineimap3"}
CHOSEN = (("first 20,000", 0), ("first 4,000", 0), ("no-op 41", 50),
          ("no-op 500", 50), ("new", 50), ("flags down", 50),
          ("flags up", 50), ("uploads", 50), ("deletions up", 50),
          ("moves up", 50))

WIDTH, LEFT, RIGHT = 760, 120, 90
BAR, GAP, HEAD, GROUP = 14, 4, 22, 16

_STYLE = """\
  text { font: 13px sans-serif; fill: #24292f }
  .head { font-weight: bold }
  .ours { fill: #0b7a4b }
  .mbsync { fill: #6d8bb0 }
  .offlineimap3 { fill: #b08d57 }
  @media (prefers-color-scheme: dark) {
    text { fill: #d9dee4 }
    .ours { fill: #3fbf86 }
  }"""


def _seconds(value):
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def _group(title, values, top):
    """Elements of one scenario, and where the next one begins."""
    parts = [f'<text class="head" x="0" y="{top + 14}">{escape(title)}'
             '</text>']
    top += HEAD
    most = max(value for _, value in values)
    for name, value in values:
        width = max(1, (WIDTH - LEFT - RIGHT) * value / most)
        parts += [
            f'<text x="{LEFT - 8}" y="{top + 11}" text-anchor="end">'
            f'{NAMES[name]}</text>',
            f'<rect class="{name}" x="{LEFT}" y="{top}" width="{width:.1f}" '
            f'height="{BAR}" rx="2"/>',
            f'<text x="{LEFT + width + 6:.1f}" y="{top + 11}">'
            f'{_seconds(value)}</text>']
        top += BAR + GAP
    return parts, top + GROUP


def chart(results, title_of):
    parts, top = [], 0
    for scenario, rtt in CHOSEN:
        values = [(name, results.median((scenario, "full", rtt, name)))
                  for name in NAMES]
        values = [(name, value) for name, value in values if value]
        if len(values) < 2:
            continue
        title = title_of(scenario)
        where = f"{rtt} ms round trip" if rtt else "no delay"
        more, top = _group(f"{title} ({where})", values, top)
        parts += more
    height = max(top - GROUP, 1)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Seconds that a synchronisation takes</title>",
        f"<style>\n{_STYLE}\n</style>", *parts, "</svg>", ""])
