"""Draws folded stacks as a flame graph in one SVG file: a box's width is its share of the samples,
what it called stands on it. The full name and the share appear where the mouse rests; a click
enlarges a box to the full width, a click on the ground shows all again."""

import html
import zlib

WIDTH = 1400
ROW = 17
MARGIN = 10
CHARACTER = 6.6  # of the 11 px monospace font
SMALLEST = 0.3  # narrower boxes would not be seen

HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" font-family="monospace" font-size="11">
<rect width="100%" height="100%" fill="#fdfcf8"/>
<text x="{middle}" y="20" text-anchor="middle" font-size="15">{title}</text>
"""

SCRIPT = """<script><![CDATA[
const boxes = [...document.querySelectorAll('g.b')];
for (const b of boxes) {
  b.x = +b.dataset.x; b.w = +b.dataset.w;
  b.onclick = () => zoom(b);
}
function zoom(on) {
  const whole = on.x === 0 && on.w === 1;
  for (const b of boxes) {
    const x = whole ? b.x : (b.x - on.x) / on.w, w = whole ? b.w : b.w / on.w;
    const left = Math.max(0, x), right = Math.min(1, x + w);
    b.style.display = right - left > 0.0002 ? '' : 'none';
    const rect = b.querySelector('rect'), text = b.querySelector('text');
    rect.setAttribute('x', %(margin)d + left * %(inner)d);
    rect.setAttribute('width', Math.max(0.1, (right - left) * %(inner)d - 0.5));
    text.setAttribute('x', %(margin)d + left * %(inner)d + 3);
    const room = Math.floor(((right - left) * %(inner)d - 6) / %(character)s);
    const name = b.dataset.name;
    text.textContent = room < 3 ? '' : name.length <= room ? name : name.slice(0, room - 1) + '…';
  }
}
]]></script>
"""


class Node:
    """A function as called along one path."""

    def __init__(self, name):
        self.name = name
        self.samples = 0
        self.children = {}

    def add(self, frames, samples):
        node = self
        node.samples += samples
        for frame in frames:
            node = node.children.setdefault(frame, Node(frame))
            node.samples += samples

    def depth(self):
        return 1 + max((child.depth() for child in self.children.values()), default=0)


def draw(stacks, title):
    """The SVG of {(outermost, …, innermost): samples}."""
    root = Node("all")
    for frames, samples in stacks.items():
        root.add(frames, samples)
    height = root.depth() * ROW + 2 * MARGIN + 40
    parts = [HEAD.format(width=WIDTH, height=height, middle=WIDTH // 2, title=html.escape(title))]
    draw_node(root, 0.0, 0, max(root.samples, 1), height, parts)
    inner = WIDTH - 2 * MARGIN
    parts.append(SCRIPT % {"margin": MARGIN, "inner": inner, "character": CHARACTER})
    return "".join(parts) + "</svg>\n"


def draw_node(node, left, level, total, height, parts):
    """Appends the node's box, left to right by name so that graphs of two runs can be compared."""
    share = node.samples / total
    inner = WIDTH - 2 * MARGIN
    if share * inner < SMALLEST:
        return
    x, y = MARGIN + left * inner, height - MARGIN - (level + 1) * ROW
    name = html.escape(node.name, quote=True)
    room = int((share * inner - 6) / CHARACTER)
    label = "" if room < 3 else node.name if len(node.name) <= room else node.name[:room - 1] + "…"
    parts.append(
        f'<g class="b" data-x="{left:.6f}" data-w="{share:.6f}" data-name="{name}">'
        f"<title>{name}: {100 * share:.2f} % ({node.samples} samples)</title>"
        f'<rect x="{x:.2f}" y="{y}" width="{max(0.1, share * inner - 0.5):.2f}" '
        f'height="{ROW - 1}" fill="{color(node.name)}"/>'
        f'<text x="{x + 3:.2f}" y="{y + 12}">{html.escape(label)}</text></g>\n')
    for child in sorted(node.children.values(), key=lambda child: child.name):
        draw_node(child, left, level + 1, total, height, parts)
        left += child.samples / total


def color(name):
    """Warm, and the same for a function in every graph."""
    seed = zlib.crc32(name.encode())
    return f"rgb({205 + seed % 50},{120 + seed // 50 % 100},{60 + seed // 5000 % 50})"
