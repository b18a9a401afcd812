/** The URL, or undefined for a text that is none. `URL.parse` is not there in every Node that runs the commands. */
export function parsedUrl(text: string | undefined, base?: string): URL | undefined {
  return text !== undefined && URL.canParse(text, base) ? new URL(text, base) : undefined;
}
