// Writes data/slug.tsv from the character map of npm slugify 1.6.x (MIT):
//   NODE_PATH=DIR/node_modules node tools/make-slug.js > data/slug.tsv
// The package keeps its map private, so every character of the basic plane is asked for.
const slugify = require('slugify')
const lines = ['# code point\ttext']
for (let cp = 0x21; cp < 0x10000; cp++) {
  if (cp >= 0xd800 && cp <= 0xdfff) continue
  const ch = String.fromCodePoint(cp)
  // NFC would change some of the map's own keys; slugify asks the map after it, so those rows can never be met.
  if (ch.normalize() !== ch) continue
  // remove: nothing, so that only the map speaks; a following letter keeps blanks from being trimmed
  const text = slugify('x' + ch + 'x', { remove: /[^\s\S]/, trim: false }).slice(1, -1)
  if (text !== ch && text !== '-') lines.push(cp.toString(16).padStart(4, '0') + '\t' + text)
}
console.log(lines.join('\n'))
