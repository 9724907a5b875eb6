package dev.meshdx.model.internal;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** The items of a JSON array. Immutable, without room for more. */
public final class ItemList extends AbstractList<@Nullable Object> implements RandomAccess {
    private static final ItemList EMPTY = new ItemList(new Object[0]);

    private final @Nullable Object[] items;

    private ItemList(@Nullable Object[] items) {
        this.items = items;
    }

    /** Collects items. Used once, by one thread. */
    public static final class Builder {
        private @Nullable Object[] items = new Object[4];
        private int size;

        /** Adds an item at the end. */
        public Builder add(@Nullable Object item) {
            if (size == items.length) {
                items = Arrays.copyOf(items, size * 2);
            }
            items[size++] = item;
            return this;
        }

        /** The list. */
        public ItemList build() {
            return size == 0 ? EMPTY : new ItemList(size == items.length ? items : Arrays.copyOf(items, size));
        }
    }

    @Override
    public @Nullable Object get(int index) {
        return items[index];
    }

    @Override
    public int size() {
        return items.length;
    }
}
