#!/usr/bin/node
// SPDX-License-Identifier: ISC
//
// The Generate button in a control panel that logs its customers in already:
// issuer.js [PORT].  It runs as a user of role issuer.  Here a proxy says in
// X-Remote-User who is logged in, ACCOUNT/NAME, and takes it away from all
// others; in your panel its own session does.
const crypto = require("crypto"), http = require("http"), net = require("net");

const SOCKET = "/run/countersign/panel";
const escape = s => s.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const page = (say, form) => `<!DOCTYPE html><title>Code for support</title><p>${escape(say)}</p><form method=post>
<input name=action value="${escape(form.action)}" placeholder="Only for this action">
<input name=target value="${escape(form.target)}" placeholder="and this target">
<input name=proof placeholder="Code from your app" inputmode=numeric autocomplete=one-time-code>
<input type=hidden name=token value="${crypto.randomBytes(16).toString("hex")}"> <button>Generate</button></form>`;

const ask = (method, parameters) => new Promise((resolve, reject) => {
	const s = net.connect(SOCKET);
	let reply = "";
	s.setEncoding("utf8").setTimeout(10000, () => s.destroy(new Error("it takes too long")));
	s.on("error", reject).on("end", () => reject(new Error("closed")));
	s.on("data", data => {
		reply += data;
		if (!reply.endsWith("\0"))
			return;
		try {
			const answer = JSON.parse(reply.slice(0, -1)).parameters;
			if (answer.parameter)   // is missing, or not of its form
				answer.say = `Countersign does not take this ${answer.parameter}.`;
			resolve(answer);
		} catch (fault) {
			reject(fault);
		}
		s.destroy();
	});
	s.write(JSON.stringify({ method: `io.countersign.panel.${method}`, parameters }) + "\0");
});

async function press(user, form)
{
	const [account, administrator] = user.split("/");
	const about = { account, administrator, target: form.target.split(/\s+/).filter(Boolean) };
	for (const field of ["action", "proof"])
		if (form[field] !== "")
			about[field] = form[field];
	// The form's token is the request: a double click, a reload and a lost reply
	// show the same code.  High-risk actions need the proof.
	const answer = await ask("Issue", { ...about, request: form.token });
	if (answer.code === undefined)
		return answer.say ?? answer.why;
	const until = new Date(answer.expires * 1000).toTimeString().slice(0, 8);
	return `Read this to support: ${answer.code.match(/.../g).join(" ")}, good once, until ${until}`;
}

http.createServer(async (request, response) => {
	const { origin, host, "x-remote-user": user } = request.headers;
	let say = "", body = "";
	if (origin !== undefined && ![`http://${host}`, `https://${host}`].includes(origin))
		return response.writeHead(403).end();
	for await (const data of request.setEncoding("utf8"))
		if ((body += data).length > 16384)
			return response.writeHead(413).end();
	const sent = new URLSearchParams(body), form = {};
	for (const field of ["action", "target", "proof", "token"])
		form[field] = sent.get(field) ?? "";
	if (request.method === "POST")
		say = await press(user, form).catch(fault =>
			`Countersign gave no answer (${fault.message}).`);
	response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" }).end(page(say, form));
}).listen(process.argv[2] ?? 8080, "127.0.0.1");
