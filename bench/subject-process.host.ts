// Runs one subject in this process and answers the line protocol on stdin and stdout.
//
// Usage: node subject-process.host.js <module below this folder, without .js> [parameter…]. Each line in is a count; each
// line out is "<CPU ns> <check> <resident bytes>". CPU time is that of the whole process, compiler and collector
// threads included, because what a run costs includes what it makes them do.
import { createInterface } from 'node:readline';
import type { SubjectModule } from './subject.js';

const [name, ...parameters] = process.argv.slice(2);
if (name === undefined) throw new Error('subject-process: the name of a subject is needed');
const module = (await import(new URL(`./${name}.js`, import.meta.url).href)) as SubjectModule;
const subject = await module.createSubject(parameters);

for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line);
  const before = process.cpuUsage();
  const answer = subject.run(count);
  const check = typeof answer === 'number' ? answer : await answer;
  const spent = process.cpuUsage(before);
  process.stdout.write(`${(spent.user + spent.system) * 1000} ${check >>> 0} ${process.memoryUsage.rss()}\n`);
}
