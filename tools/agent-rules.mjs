#!/usr/bin/env node
// Writes data/agent-rules.tsv from the source of ua-parser-js 1.x (MIT): one row per pattern, in order.
//
//   node tools/agent-rules.mjs PATH/ua-parser-js > data/agent-rules.tsv
//
// Columns: kind, need, pattern, then one column per field as field=value.  need lists texts, separated by |, one of
// which every match of the pattern contains in lower case ("-" when no such list exists): most patterns are ruled out
// by it without being run.  A value holds $1..$9 for captures; name($1) names a change that agent.c makes to the text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

const dir = process.argv[2];
if (!dir) {
	console.error('usage: agent-rules.mjs PATH/ua-parser-js');
	process.exit(2);
}
const meta = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
if (meta.license !== 'MIT' || !meta.version.startsWith('1.')) {
	console.error(`ua-parser-js 1.x under MIT wanted, found ${meta.version} under ${meta.license}`);
	process.exit(1);
}

// The table is local to the module's function: a line that hands it out is put in front of the constructor.
const source = readFileSync(join(dir, 'src/ua-parser.js'), 'utf8');
const seam = 'var UAParser = function (ua, extensions) {';
const context = { out: {} };
vm.runInNewContext(source.replace(seam, `out.regexes = regexes; out.fn = { lowerize, trim, strMapper }; ${seam}`), context);
const { regexes, fn } = context.out;

// ---- the texts that a match must contain ----

const LIMIT = 32;

function parse(text) {
	let at = 0;
	const alternatives = () => {
		const list = [[]];
		while (at < text.length && text[at] !== ')') {
			if (text[at] === '|') {
				list.push([]);
				at++;
				continue;
			}
			list.at(-1).push(quantified());
		}
		return list;
	};
	const quantified = () => {
		const node = atom();
		let min = 1, max = 1;
		const m = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(text.slice(at));
		if (m) {
			at += m[0].length;
			if (text[at] === '?') at++;
			if (m[0] === '*') [min, max] = [0, Infinity];
			else if (m[0] === '+') [min, max] = [1, Infinity];
			else if (m[0] === '?') [min, max] = [0, 1];
			else [min, max] = [+m[1], m[2] ? (m[3] ? +m[3] : Infinity) : +m[1]];
		}
		return { node, min, max };
	};
	const klass = () => {
		const set = new Set();
		let wide = false;
		if (text[at] === '^') wide = true;
		for (; text[at] !== ']'; at++) {
			let c = text[at];
			if (c === '\\') {
				c = text[++at];
				if (/[wdsWDS]/.test(c)) wide = true;
			} else if (text[at + 1] === '-' && text[at + 2] !== ']' && text[at + 2] !== '\\') {
				for (let code = c.charCodeAt(0); code <= text.charCodeAt(at + 2); code++) set.add(String.fromCharCode(code).toLowerCase());
				at += 2;
				continue;
			}
			set.add(c.toLowerCase());
		}
		at++;
		return wide || set.size > 6 ? { any: true } : { set: [...set] };
	};
	const atom = () => {
		const c = text[at++];
		if (c === '(') {
			const look = /^\?(=|!)/.exec(text.slice(at));
			if (look) at += 2;
			else if (text.startsWith('?:', at)) at += 2;
			const list = alternatives();
			at++;
			return look ? { zero: true } : { list };
		}
		if (c === '[') return klass();
		if (c === '.') return { any: true };
		if (c === '^' || c === '$') return { zero: true };
		if (c === '\\') {
			const e = text[at++];
			if (e === 'b') return { zero: true };
			if (/[wdsWDS1-9]/.test(e)) return { any: true };
			return { set: [e.toLowerCase()] };
		}
		return { set: [c.toLowerCase()] };
	};
	return alternatives();
}

const cross = (a, b) => a.flatMap((x) => b.map((y) => x + y));
const unique = (a) => [...new Set(a)];

// Every text that a node or item stands for, when there are few; else null.
function exactNode(node) {
	if (node.zero) return [''];
	if (node.set) return node.set;
	if (!node.list) return null;
	const all = node.list.map((seq) => seq.reduce((acc, item) => {
		const e = acc && exactItem(item);
		return e && acc.length * e.length <= LIMIT ? cross(acc, e) : null;
	}, ['']));
	return all.includes(null) || all.flat().length > LIMIT ? null : unique(all.flat());
}
function exactItem({ node, min, max }) {
	const one = exactNode(node);
	if (!one || max > 3) return null;
	let out = min === 0 ? [''] : [], now = [''];
	for (let i = 1; i <= max; i++) {
		if (now.length * one.length > LIMIT) return null;
		now = cross(now, one);
		if (i >= min) out = out.concat(now);
	}
	return out.length > LIMIT ? null : unique(out);
}
const score = (set) => Math.min(...set.map((s) => s.length));
function better(a, b) {
	if (!b || score(b) < 2) return a;
	if (!a) return b;
	const sa = Math.min(score(a), 6), sb = Math.min(score(b), 6);
	return sb > sa || (sb === sa && b.length < a.length) ? b : a;
}
function required(list) {
	const sets = list.map((seq) => {
		let best = null, run = [''];
		for (const item of seq) {
			const e = exactItem(item);
			if (e && run.length * e.length <= LIMIT) {
				run = cross(run, e);
				continue;
			}
			best = better(best, run);
			run = e && e.length <= LIMIT ? e : [''];
			if (!e && item.min > 0) {
				if (item.node.list) best = better(best, required(item.node.list));
			}
		}
		return better(best, run);
	});
	return sets.includes(null) ? null : unique(sets.flat());
}
function need(pattern) {
	const set = required(parse(pattern));
	if (!set) return '-';
	// a text that contains another one of the list says nothing more
	const least = set.filter((s) => !set.some((o) => o !== s && s.includes(o)));
	if (least.some((s) => s.includes('|') || s.includes('\t'))) return '-';
	return least.join('|');
}

// "[\\w- ]" has a plain hyphen in JavaScript and is an error in PCRE2.
const portable = (pattern) => pattern.replaceAll('\\/', '/').replace(/(\\[wds])-(?!\])/g, '$1\\-');

// ---- the fields ----

// The maps of names are told apart by one of their keys; their rows are in data/agent-maps.tsv.
const maps = Object.entries({ ME: 'windows', '1.0': 'oldsafari', OnePlus: 'opd', tablet: 'itel' });
const changes = new Map(Object.entries({ '/_/g .': 'dots', '/_/g  ': 'spaces', '/\\./g  ': 'undot', '/master.|lts./ ': 'release' }));

function value(prop, group) {
	const capture = `$${group}`;
	if (typeof prop === 'string') return [prop, capture];
	const [field, how, arg] = prop;
	if (prop.length === 2 && typeof how === 'string') return [field, how];
	if (how === fn.lowerize) return [field, `lower(${capture})`];
	if (how === fn.trim) return [field, `trim(${capture})`];
	if (how === fn.strMapper) {
		const found = maps.find(([key]) => key in arg);
		if (found) return [field, `${found[1]}(${capture})`];
	}
	if (how?.exec) {
		const known = changes.get(`${how} ${arg}`);
		if (known) return [field, `${known}(${capture})`];
		if (how.source === '(.+)') return [field, arg.replace('$1', capture)];
		if (how.source === '^') return [field, arg + capture];
	}
	throw new Error(`no way to write down ${JSON.stringify(prop)} ${how}`);
}

const rows = [];
for (const kind of ['browser', 'os', 'device']) {
	const table = regexes[kind];
	for (let i = 0; i < table.length; i += 2) {
		const fields = table[i + 1].map((prop, k) => value(prop, k + 1).join('='));
		for (const regex of table[i]) {
			if (regex.flags !== 'i') throw new Error(`flags of ${regex}`);
			rows.push([kind, need(regex.source), portable(regex.source), ...fields].join('\t'));
		}
	}
}
console.log(`# user agent patterns of ua-parser-js ${meta.version}, Copyright Faisal Salman, MIT; made by tools/agent-rules.mjs`);
console.log(rows.join('\n'));
