// What goes wrong in the storm, one thing after the other.  See storm.t.
import { execFile, execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { instance, sleep, waitFor } from "../lib/harness.mjs";
import { between, oneOf, shuffled } from "../lib/random.mjs";

const EVERYTHING = ["weir-worker", "weir-track", "weir-chdb", "redis", "weir-api", "postgres"];
const run = promisify(execFile);

function pidsOf(name) {
	if (name === "everything") return EVERYTHING.flatMap(pidsOf);
	try {
		const pid = readFileSync(join(instance.dir, "run", `${name}.pid`), "utf8").trim();
		// The responders' workers are children of a watcher.
		const all = name === "weir-track" || name === "weir-api" ? execFileSync("pgrep", ["-P", pid]).toString().trim().split("\n") : [pid];
		return all.map(Number);
	} catch {
		return [];
	}
}

export async function redis(...args) {
	const url = new URL(instance.redis);
	const { stdout } = await run("redis-cli", ["-h", url.hostname, "-p", url.port, "--raw", ...args],
		{ env: { ...process.env, REDISCLI_AUTH: url.password }, timeout: 5000, maxBuffer: 1 << 26 });
	return stdout.trim();
}

const proxy = (what) => fetch(`${process.env.FAULT_URL}/${what}`, { method: "POST" }).then((r) => r.json());

const healthy = () => fetch(new URL("/healthcheck", instance.url)).then((r) => r.status === 200);

// kill -9, of all processes of a name or of one among them; the supervisor starts it again.
function kill(name, { one = false } = {}) {
	return async ({ random }) => {
		const before = pidsOf(name);
		const victims = one ? [oneOf(random, before)] : before;
		for (const pid of victims) process.kill(pid, "SIGKILL");
		const back = await waitFor(60, () => {
			const now = pidsOf(name);
			return now.length === before.length && now.every((pid) => pid && !victims.includes(pid));
		});
		// A PostgreSQL that was killed reads its log before it answers.
		if (back && (name === "postgres" || name === "everything")) await waitFor(60, healthy);
		return { bitten: victims.length, trouble: back ? undefined : `${name} did not come back` };
	};
}

async function pauseRedis({ random }) {
	const [pid] = pidsOf("redis");
	process.kill(pid, "SIGSTOP");
	await sleep(between(random, 1000, 6000));
	process.kill(pid, "SIGCONT");
	return { bitten: 1 };
}

// To the last byte, and what is given back in the meantime too.
function fill(fd) {
	for (let size = 1 << 20; size >= 1; size >>= 2) {
		try {
			for (;;) writeSync(fd, Buffer.alloc(size));
		} catch (e) {
			if (e.code !== "ENOSPC") throw e;
		}
	}
}

const writes = async () => /aof_last_write_status:(\w+)/.exec(await redis("INFO", "persistence"))?.[1];

async function fillDisk({ random }) {
	const name = join(process.env.REDIS_DISK, "filler");
	const end = Date.now() + between(random, 2000, 5000);
	const fd = openSync(name, "w");
	let seen = false;
	while (Date.now() < end || (!seen && Date.now() < end + 10000)) {
		fill(fd);
		seen ||= (await writes().catch(() => "")) === "err";
		await sleep(100);
	}
	closeSync(fd);
	rmSync(name);
	// What Redis took and could not write yet must be on the disk before the next fault: two at once is more than it promises.
	const well = await waitFor(30, async () => (await writes()) === "ok");
	return { bitten: seen ? 1 : 0, trouble: well ? undefined : "Redis does not write again" };
}

// ClickHouse seen through the proxy, until some requests have met the fault.
function clickhouse(kind, share = 1) {
	return async ({ random }) => {
		const seed = between(random, 1, 1e9);
		const end = Date.now() + between(random, 2000, 6000);
		const count = (s) => Object.values(s.bitten).reduce((a, b) => a + b);
		const before = count(await proxy(`${kind}?share=${share}&seed=${seed}`));
		let now = before;
		while (Date.now() < end || (now === before && Date.now() < end + 10000)) {
			await sleep(100);
			now = count(await fetch(process.env.FAULT_URL).then((r) => r.json()));
		}
		await proxy("pass");
		return { bitten: now - before };
	};
}

// A second victim falls while the first fault lasts.
function during(fault, victim) {
	return async (context) => {
		const first = fault(context);
		await sleep(between(context.random, 200, 2500));
		const second = await kill(victim)(context);
		const all = await first;
		return { bitten: all.bitten, trouble: all.trouble ?? second.trouble };
	};
}

const FAULTS = {
	"kill worker": kill("weir-worker"),
	"kill a weir-track": kill("weir-track", { one: true }),
	"kill all weir-track": kill("weir-track"),
	"kill Redis": kill("redis"),
	"kill weir-chdb": kill("weir-chdb"),
	"kill PostgreSQL": kill("postgres"),
	"kill weir-api": kill("weir-api"),
	"kill everything": kill("everything"),
	"Redis paused": pauseRedis,
	"Redis' disk full": fillDisk,
	"ClickHouse answers errors": clickhouse("error"),
	"ClickHouse hangs": clickhouse("hang"),
	"ClickHouse resets": clickhouse("refuse"),
	"INSERT torn": clickhouse("torn"),
	"answer cut": clickhouse("cut", 0.7),
	"answer lost": clickhouse("lost", 0.7),
	"answer late": clickhouse("late"),
	"ClickHouse mixed": clickhouse("mixed", 0.6),
	"answers lost, worker killed": during(clickhouse("lost", 0.7), "weir-worker"),
	"Redis paused, worker killed": during(pauseRedis, "weir-worker"),
	"ClickHouse hangs, Redis killed": during(clickhouse("hang"), "redis"),
};

export function faultNames() {
	return Object.keys(FAULTS).filter((name) => process.env.REDIS_DISK || name !== "Redis' disk full");
}

// Every fault once, in an order that the seed gives, and then at random.
export function* schedule(random) {
	const names = process.env.STORM_FAULTS ? process.env.STORM_FAULTS.split(";") : faultNames();
	for (const name of shuffled(random, names)) yield name;
	for (;;) yield oneOf(random, names);
}

export const strike = (name, random) => FAULTS[name]({ random });
