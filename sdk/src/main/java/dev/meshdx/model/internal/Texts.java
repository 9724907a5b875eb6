package dev.meshdx.model.internal;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The texts that a document repeats: two thirds of a config dump are type names, durations and names of secrets that stand in
 * every cluster. Remembers the last text of each hash, so its size is bounded. One for each document: a text may be a secret.
 * Used by one thread.
 */
public final class Texts {
    private static final int SLOTS = 1024;
    private static final int LONGEST = 128;

    private @Nullable String @Nullable [] known;
    private int seen;

    /** The text at the parser's current token. */
    public String read(JsonParser parser) throws IOException {
        int length = parser.getTextLength();
        if (length > LONGEST || (known == null && seen < 64)) {
            seen++;
            return parser.getText();
        }
        return of(parser.getTextCharacters(), parser.getTextOffset(), length);
    }

    /** A part of a text. */
    public String of(char[] chars, int offset, int length) {
        if (length == 0) {
            return "";
        }
        if (length > LONGEST) {
            return new String(chars, offset, length);
        }
        @Nullable String[] table = known;
        if (table == null) {
            // Small documents are not worth a table.
            if (seen++ < 64) {
                return new String(chars, offset, length);
            }
            table = new String[SLOTS];
            known = table;
        }
        int hash = 0;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + chars[i];
        }
        int slot = (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (SLOTS - 1);
        String text = table[slot];
        if (text != null && equal(text, chars, offset, length)) {
            return text;
        }
        text = new String(chars, offset, length);
        table[slot] = text;
        return text;
    }

    private static boolean equal(String text, char[] chars, int offset, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != chars[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
