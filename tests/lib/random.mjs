// Random numbers that a seed repeats (mulberry32).
export function randomOf(seed) {
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

// A whole number from low to high, both included.
export const between = (random, low, high) => low + Math.floor(random() * (high - low + 1));
export const oneOf = (random, list) => list[Math.floor(random() * list.length)];

export function shuffled(random, list) {
	const left = [...list];
	return list.map(() => left.splice(Math.floor(random() * left.length), 1)[0]);
}
