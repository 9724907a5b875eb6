package dev.meshdx.model.internal;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object in the order of the document. Immutable. Takes a fifth of the memory of a
 * {@link java.util.LinkedHashMap}: most objects in a config dump have one to four fields.
 */
public final class FieldMap extends AbstractMap<String, @Nullable Object> {
    /** Up to so many fields are looked through one by one. */
    private static final int SCANNED = 16;

    private static final FieldMap EMPTY = new FieldMap(new Object[0], null, 0);

    /** Names and values in turn. */
    private final @Nullable Object[] fields;

    /** Where a name stands; null for few fields. A hash map: names that were chosen to collide do not make it slow. */
    private final @Nullable Map<Object, Integer> index;

    /** A bit for each name, by its hash: most questions are for a field that is not there, and end here. */
    private final long bits;

    private FieldMap(@Nullable Object[] fields, @Nullable Map<Object, Integer> index, long bits) {
        this.fields = fields;
        this.index = index;
        this.bits = bits;
    }

    private static long bit(String name) {
        return 1L << (name.hashCode() & 63);
    }

    /** Collects fields; of a duplicate name the last value counts, in the first one's place. Used once, by one thread. */
    public static final class Builder {
        private @Nullable Object[] fields = new Object[8];
        private int length;
        private @Nullable Map<Object, Integer> index;
        private long bits;

        /** Adds a field, or gives it another value. */
        public Builder put(String name, @Nullable Object value) {
            int at = find(fields, length, index, bits, name);
            if (at >= 0) {
                fields[at + 1] = value;
                return this;
            }
            if (length == fields.length) {
                fields = Arrays.copyOf(fields, length * 2);
            }
            fields[length] = name;
            fields[length + 1] = value;
            length += 2;
            bits |= bit(name);
            if (index != null) {
                index.put(name, length - 2);
            } else if (length > 2 * SCANNED) {
                index = index(fields, length);
            }
            return this;
        }

        /** Whether there is such a field. */
        public boolean contains(String name) {
            return find(fields, length, index, bits, name) >= 0;
        }

        /** The map. */
        public FieldMap build() {
            return length == 0
                    ? EMPTY
                    : new FieldMap(length == fields.length ? fields : Arrays.copyOf(fields, length), index, bits);
        }
    }

    private static Map<Object, Integer> index(@Nullable Object[] fields, int length) {
        Map<Object, Integer> index = new HashMap<>();
        for (int i = 0; i < length; i += 2) {
            Object name = fields[i];
            if (name != null) {
                index.put(name, i);
            }
        }
        return index;
    }

    @SuppressWarnings("ReferenceEquality") // a shortcut, with the right way behind it
    private static int find(
            @Nullable Object[] fields, int length, @Nullable Map<Object, Integer> index, long bits, String name) {
        if ((bits & bit(name)) == 0) {
            return -1;
        }
        if (index != null) {
            return index.getOrDefault(name, -1);
        }
        // Names from documents are interned, and so are those in code: mostly the same instance is there.
        for (int i = 0; i < length; i += 2) {
            if (name == fields[i]) {
                return i;
            }
        }
        for (int i = 0; i < length; i += 2) {
            if (name.equals(fields[i])) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int size() {
        return fields.length / 2;
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return name instanceof String text && find(fields, fields.length, index, bits, text) >= 0;
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        int at = name instanceof String text ? find(fields, fields.length, index, bits, text) : -1;
        return at < 0 ? null : fields[at + 1];
    }

    private String name(int at) {
        return (String) java.util.Objects.requireNonNull(fields[at]);
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super @Nullable Object> action) {
        for (int i = 0; i < fields.length; i += 2) {
            action.accept(name(i), fields[i + 1]);
        }
    }

    @Override
    public Set<Map.Entry<String, @Nullable Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return fields.length / 2;
            }

            @Override
            public Iterator<Map.Entry<String, @Nullable Object>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < fields.length;
                    }

                    @Override
                    public Map.Entry<String, @Nullable Object> next() {
                        if (next >= fields.length) {
                            throw new NoSuchElementException();
                        }
                        next += 2;
                        return new SimpleImmutableEntry<>(name(next - 2), fields[next - 1]);
                    }
                };
            }
        };
    }
}
