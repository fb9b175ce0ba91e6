// `import 'node:http'` reads every export of it, and reading `WebSocket` loads undici: 20 ms of every
// cold start for something that no function uses. Reached as an object, only what is used is read.
module.exports = process.getBuiltinModule('node:http');
