package dev.meshdx.model.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a JSON value are wanted; the others are skipped while parsing and cost nothing but their tokens. Lists are
 * transparent: what is said of a field goes for each item. Immutable.
 */
public final class Projection {
    /** Everything. */
    public static final Projection WHOLE = new Projection(Map.of());

    /** Nothing: of an object no field. */
    public static final Projection NOTHING = new Projection(Map.of());

    private final Map<String, Projection> fields;

    private Projection(Map<String, Projection> fields) {
        this.fields = fields;
    }

    /** The fields at these paths, whole: {@code cluster.name}. */
    public static Projection of(String... paths) {
        Projection all = NOTHING;
        for (String path : paths) {
            Projection one = WHOLE;
            String[] names = path.split("\\.", -1);
            for (int i = names.length - 1; i >= 0; i--) {
                one = new Projection(Map.of(names[i], one));
            }
            all = all.and(one);
        }
        return all;
    }

    /** What is wanted of these fields, each in the same way. */
    public static Projection of(Projection inner, String... names) {
        Map<String, Projection> fields = new LinkedHashMap<>();
        for (String name : names) {
            fields.put(name, inner);
        }
        return new Projection(fields);
    }

    /** What either of the two wants. */
    public Projection and(Projection other) {
        if (isWhole() || other.isWhole()) {
            return WHOLE;
        }
        Map<String, Projection> both = new LinkedHashMap<>(fields);
        other.fields.forEach((name, projection) -> both.merge(name, projection, Projection::and));
        return new Projection(Map.copyOf(both));
    }

    /** Whether everything is wanted. */
    @SuppressWarnings("ReferenceEquality") // one instance stands for everything
    public boolean isWhole() {
        return this == WHOLE;
    }

    /** What is wanted of a field; null where nothing is. */
    public @Nullable Projection field(String name) {
        return isWhole() ? WHOLE : fields.get(name);
    }

    /** The names of the fields, for debugging. */
    @Override
    public String toString() {
        return isWhole() ? "*" : fields.toString();
    }
}
