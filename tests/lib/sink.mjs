// Takes what Weir sends to others, for tests: HTTP on one port, SMTP on another.
//
//	node sink.mjs HTTP_PORT SMTP_PORT FILE
//
// Every request becomes a line of JSON in FILE: {"kind":"http",method,url,headers,body,status} or
// {"kind":"mail",from,to,data}.  The path decides the answer:
//
//	/ok...          200
//	/fail/N/KEY...  500 to the first N requests of that path, then 200
//	/status/S...    S;  with ?to=URL that is where it redirects to
//	/hold...        200 when FILE.release exists
//	/large...       200 and a megabyte
//
// Mail: a recipient whose address begins with "nobody" is refused for good, with "busy" for now (once).
import { appendFileSync, existsSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'

const [httpPort, smtpPort, file] = process.argv.slice(2)
const note = (o) => appendFileSync(file, JSON.stringify(o) + '\n')
const failed = new Map()

function answerOf(url) {
	const [, word, arg] = url.pathname.split('/')
	if (word === 'status') return Number(arg)
	if (word !== 'fail') return 200
	const before = failed.get(url.pathname) ?? 0
	failed.set(url.pathname, before + 1)
	return before < Number(arg) ? 500 : 200
}

const web = http.createServer((req, res) => {
	let body = ''
	req.setEncoding('utf8')
	req.on('data', (piece) => { body += piece })
	req.on('end', () => {
		const url = new URL(req.url, 'http://sink')
		const status = answerOf(url)
		note({ kind: 'http', method: req.method, url: req.url, headers: req.headers, body, status })
		const to = url.searchParams.get('to')
		const answer = () => {
			res.writeHead(status, to ? { location: to } : {})
			res.end(url.pathname.startsWith('/large') ? 'x'.repeat(1 << 20) : 'thanks')
		}
		const hold = () => {
			if (res.destroyed) return
			if (existsSync(file + '.release')) answer()
			else setTimeout(hold, 50)
		}
		if (url.pathname.startsWith('/hold')) hold()
		else answer()
	})
})

const busy = new Set()
const mail = net.createServer((socket) => {
	let text = '', data = null, from = '', to = []
	const say = (line) => socket.write(line + '\r\n')
	const command = (line) => {
		const word = line.slice(0, 4).toUpperCase()
		if (word === 'EHLO') say('250-sink\r\n250 8BITMIME')
		else if (word === 'MAIL') { from = line; to = []; say('250 ok') }
		else if (word === 'RCPT' && /<nobody/.test(line)) say('550 no such user')
		else if (word === 'RCPT' && /<busy/.test(line) && !busy.has(line)) { busy.add(line); say('451 try again') }
		else if (word === 'RCPT') { to.push(line); say('250 ok') }
		else if (word === 'DATA') { data = ''; say('354 go on') }
		else if (word === 'QUIT') { say('221 bye'); socket.end() }
		else say('250 ok')
	}
	socket.on('error', () => {})
	say('220 sink ESMTP')
	socket.on('data', (piece) => {
		text += piece.toString('latin1')
		for (let end; (end = text.indexOf('\r\n')) >= 0;) {
			const line = text.slice(0, end)
			text = text.slice(end + 2)
			if (data === null) command(line)
			else if (line === '.') {
				note({ kind: 'mail', from, to, data })
				data = null
				say('250 kept')
			} else data += line.replace(/^\./, '') + '\r\n'
		}
	})
})

// On all of loopback, so that a test can tell an address that may be reached from one that may not.
web.listen(Number(httpPort), '0.0.0.0')
mail.listen(Number(smtpPort), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
