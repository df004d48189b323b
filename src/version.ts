/** This package's version, as CLIENT SETINFO reports it to servers; a test compares it with package.json. */
export const VERSION = '0.1.0';
