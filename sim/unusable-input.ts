// The error for input of a user that cannot be used: one line that names the file, the place and the rule.
//
// Thrown by readers of driver files, repro files, traces and captures; the command line turns it into exit
// status 2. Never used for what a driver does wrong: that is a finding.

/** Says which input is unusable, where, and which rule it breaks; the message is the whole line to print. */
export class UnusableInput extends Error {
  /** The file as the user named it. */
  readonly fileName: string;
  /** Place inside the file: a JSON path, a line or a byte offset. */
  readonly place: string;
  /** The broken rule in words. */
  readonly rule: string;

  constructor(fileName: string, place: string, rule: string) {
    super(`${fileName}: ${place}: ${rule}`);
    this.name = 'UnusableInput';
    this.fileName = fileName;
    this.place = place;
    this.rule = rule;
  }
}
