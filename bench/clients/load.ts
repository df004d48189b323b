/**
 * Imports a client that may not be installed. The specifier is a value, so that the compiler does not look for the package:
 * each adapter states by an interface of its own the little that it uses.
 */
export async function load(specifier: string): Promise<object> {
  return await import(specifier);
}
