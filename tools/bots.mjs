#!/usr/bin/env node
// Writes data/bots.tsv from the list of crawler-user-agents (MIT): pattern, name, type, the longest pattern first.
//
//   node tools/bots.mjs PATH/crawler-user-agents > data/bots.tsv
//
// Left out are libraries that make requests and browsers under remote control: a server that sends events with them
// is no robot, and a headless browser tells itself as one only when it wants to.  Those that are robots all the same
// are in data/bots-own.tsv, which wins over these rows.  A longer pattern says more about whom it means, so it goes first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.argv[2];
if (!dir) {
	console.error('usage: bots.mjs PATH/crawler-user-agents');
	process.exit(2);
}
const meta = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
if (meta.license !== 'MIT') {
	console.error(`MIT wanted, found ${meta.license}`);
	process.exit(1);
}
const list = JSON.parse(readFileSync(join(dir, 'crawler-user-agents.json'), 'utf8'));

const LEFT_OUT = new Set(['http-library', 'browser-automation']);

// The first row that fits gives the type.
const TYPES = [
	['ai-crawler', /assistant|user\b|-User\b|on behalf/i, 'AI Assistant'],
	['ai-crawler', /search|answer engine/i, 'AI Search Crawler'],
	['ai-crawler', /\bagents?\b/i, 'AI Agent'],
	['ai-crawler', /./, 'AI Data Scraper'],
	['feed-reader', /reader/i, 'Feed Reader'],
	['feed-reader', /pars/i, 'Feed Parser'],
	['feed-reader', /./, 'Feed Fetcher'],
	['social-preview', /./, 'Social Media Agent'],
	['monitoring', /validat/i, 'Validator'],
	['monitoring', /benchmark|speed|performance|lighthouse/i, 'Benchmark'],
	['monitoring', /network monitor/i, 'Network Monitor'],
	['monitoring', /./, 'Site Monitor'],
	['scanner', /./, 'Security Checker'],
	['search-engine', /./, 'Search bot'],
	['seo', /./, 'Crawler'],
	['advertising', /./, 'Crawler'],
	['archiver', /./, 'Crawler'],
	['academic', /./, 'Crawler'],
];

function typeOf({ pattern, tags, description }) {
	const row = TYPES.find(([tag, words]) => tags.includes(tag) && words.test(`${pattern} ${description}`));
	if (!row) throw new Error(`${pattern}: no type for ${tags}`);
	return row[2];
}

// What a person would read in the pattern: "(^| )PTST\/" is PTST, "[cC]laude[bB]ot" is ClaudeBot.
function nameOf({ pattern }) {
	const name = pattern
		.replace(/\(\[\^-\]\|\$\)|\(\^\| \)|^\^|\$$/g, '')
		.replace(/\[\\s\\S\]\*.*$/, '')
		.replace(/\[(\w)(\w)\]/g, (_, a, b) => (a < b ? a : b))
		.replace(/\((\w+)\|\w+\)/g, '$1')
		.replace(/^(\w+)\|.*$/, '$1')
		.replace(/\\d\\\.\\d\+ /, '')
		.replace(/\\(.)/g, '$1')
		.replace(/[/ (;)-]+$/, '')
		.replace(/^[;\s]+/, '');
	if (!name || /[[\]*+?^$|\\]/.test(name.replace('+/web', ''))) throw new Error(`${pattern}: no name in it`);
	return name;
}

const rows = list.filter(({ tags }) => !tags.some((tag) => LEFT_OUT.has(tag)));
const seen = new Set();
for (const row of rows) {
	if (/[\t\n"]/.test(row.pattern)) throw new Error(`${row.pattern}: a character that the table cannot hold`);
	const regex = new RegExp(row.pattern);
	for (const text of row.instances) if (!regex.test(text)) throw new Error(`${row.pattern} does not match ${text}`);
}
console.log(`# robots of crawler-user-agents ${meta.version}, Copyright Martin Monperrus and contributors, MIT; made by tools/bots.mjs`);
for (const row of rows.sort((a, b) => b.pattern.length - a.pattern.length || (a.pattern < b.pattern ? -1 : 1))) {
	if (seen.has(row.pattern)) continue;
	seen.add(row.pattern);
	console.log([row.pattern.replaceAll('\\/', '/'), nameOf(row), typeOf(row)].join('\t'));
}
