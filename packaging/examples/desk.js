#!/usr/bin/node
// SPDX-License-Identifier: ISC
//
// A staff web tool with one button behind the gate: desk.js [PORT].  It runs as
// a user of role desk, behind a proxy that logs technicians in, sets
// X-Remote-User and takes it away from everybody else.
const crypto = require("crypto"), http = require("http"), net = require("net");

const SOCKET = "/run/countersign/staff";
const escape = s => s.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const page = (say, form) => `<!DOCTYPE html><title>Mail server</title><p>${escape(say)}</p><form method=post>
<input name=account value="${escape(form.account)}" placeholder=Account>
<input name=host value="${escape(form.host)}" placeholder=Host>
<input name=address value="${escape(form.address)}" placeholder=Address>
<input name=code placeholder=Code autocomplete=off>
<input type=hidden name=token value="${crypto.randomBytes(16).toString("hex")}"> <button>Go on</button></form>`;

const change = (host, address) => `${host} now ${address}`;   // yours; made twice it must do no harm

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
	s.write(JSON.stringify({ method: `io.countersign.staff.${method}`, parameters }) + "\0");
});

async function press(technician, form)
{
	const about = { account: form.account, action: "mail.server", technician, target: [`${form.host}=${form.address}`] };
	if (form.code === "") {         // the customer's page now shows who asks for what
		const answer = await ask("Prepare", about);
		return `${answer.say ?? answer.why} ${answer.directions ?? ""}`;
	}
	// The form's token is the request: a double click, a reload and a lost reply
	// are the same question, get the same answer and use up one code.
	const answer = await ask("Verify", { ...about, code: form.code, request: form.token });
	if (answer.verdict !== "accepted")
		return answer.say ?? answer.why;
	return `${answer.say} ${change(form.host, form.address)}`;
}

http.createServer(async (request, response) => {
	const { origin, host, "x-remote-user": technician } = request.headers;
	let say = "", body = "";
	if (origin !== undefined && ![`http://${host}`, `https://${host}`].includes(origin))
		return response.writeHead(403).end();
	for await (const data of request.setEncoding("utf8"))
		if ((body += data).length > 16384)
			return response.writeHead(413).end();
	const sent = new URLSearchParams(body), form = {};
	for (const field of ["account", "host", "address", "code", "token"])
		form[field] = sent.get(field) ?? "";
	if (request.method === "POST")
		say = await press(technician, form).catch(fault =>
			`Countersign gave no answer (${fault.message}). Nothing was changed.`);
	response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page(say, form));
}).listen(process.argv[2] ?? 8080, "127.0.0.1");
