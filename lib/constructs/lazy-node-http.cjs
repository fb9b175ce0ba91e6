// `import 'node:http'` reads all its exports, and reading `WebSocket` loads undici: 20 ms of every
// cold start for an unused export. Accessed as an object, only used exports are read.
module.exports = process.getBuiltinModule('node:http');
