/**
 * The text without what a terminal would obey (escape sequences, carriage returns): some of what is printed
 * came from a provider. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : '\uFFFD',
  );
}
