// Writes data/countries.tsv, English names of ISO 3166 codes as the CLDR of this Node knows them (Unicode License):
//   node tools/make-countries.js > data/countries.tsv
const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
// Regions that are no country: unions, outliers, private use.
const others = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ'])
// What a code was called before; a code that is still in use is its own canonical form.
const current = (code) => new Intl.Locale('und', { region: code }).region === code && Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`
const lines = ['# code\tname']
for (const a of letters) {
  for (const b of letters) {
    const code = a + b, name = names.of(code)
    if (name && !others.has(code) && current(code)) lines.push(`${code}\t${name.replaceAll('’', "'")}`)
  }
}
console.log(lines.join('\n'))
