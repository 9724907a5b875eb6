package dev.meshdx.logs.internal.line;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What some fields of a line say, as a key: made anew over the same bytes for each line, and copied only to be kept. Not safe for use
 * by several threads.
 */
public final class FieldsKey {
    private final byte[] bytes;
    private final int longest;
    private int length;
    private int hash;

    /**
     * For so many fields.
     *
     * @param longest of a longer field only as many bytes count
     */
    public FieldsKey(int fields, int longest) {
        this.bytes = new byte[fields * (longest + 1)];
        this.longest = longest;
    }

    private FieldsKey(FieldsKey key) {
        this.bytes = Arrays.copyOf(key.bytes, key.length);
        this.longest = key.longest;
        this.length = key.length;
        this.hash = key.hash;
    }

    /** Makes this the key of a line. */
    public void read(Line line, List<AccessField> fields) {
        length = 0;
        for (AccessField field : fields) {
            int from = line.from(field);
            int size = Math.min(line.to(field) - from, longest);
            System.arraycopy(line.values, from, bytes, length, size);
            length += size;
            bytes[length++] = '\n';
        }
        int sum = 1;
        for (int at = 0; at < length; at++) {
            sum = 31 * sum + bytes[at];
        }
        hash = sum ^ (sum >>> 16);
    }

    /** A copy that stays as it is. */
    public FieldsKey kept() {
        return new FieldsKey(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldsKey key
                && hash == key.hash
                && Arrays.equals(bytes, 0, length, key.bytes, 0, key.length);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
