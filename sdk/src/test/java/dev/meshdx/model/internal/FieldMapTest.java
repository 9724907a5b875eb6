package dev.meshdx.model.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldMapTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 16, 17, 18, 500})
    void should_be_equal_to_a_linked_hash_map_of_any_size(int size) {
        Map<String, @Nullable Object> expected = new LinkedHashMap<>();
        FieldMap.Builder builder = new FieldMap.Builder();
        for (int i = 0; i < size; i++) {
            expected.put("name" + i, i % 7 == 0 ? null : (long) i);
            builder.put("name" + i, i % 7 == 0 ? null : (long) i);
        }

        FieldMap map = builder.build();

        assertThat(map.equals(expected)).isTrue();
        assertThat(map.hashCode()).isEqualTo(expected.hashCode());
        assertThat(map.size()).isEqualTo(size);
        assertThat(List.copyOf(map.keySet())).isEqualTo(List.copyOf(expected.keySet()));
        expected.forEach((name, value) -> {
            assertThat(map.containsKey(name)).isTrue();
            assertThat(map.get(name)).isEqualTo(value);
        });
        assertThat(map.containsKey("other")).isFalse();
        assertThat(map.get("other")).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 40})
    void should_let_the_last_of_duplicate_names_count(int size) {
        FieldMap.Builder builder = new FieldMap.Builder();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < size; i++) {
                builder.put("name" + i, round + "-" + i);
            }
        }

        FieldMap map = builder.build();

        assertThat(map.size()).isEqualTo(size);
        assertThat(map.get("name0")).isEqualTo("1-0");
        assertThat(map.get("name1")).isEqualTo("1-1");
        assertThat(map.keySet().iterator().next()).isEqualTo("name0");
    }

    @Test
    void should_refuse_to_be_changed() {
        FieldMap map = new FieldMap.Builder().put("a", 1L).build();

        assertThatThrownBy(() -> map.put("b", 2L)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> map.remove("a")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void should_read_thousands_of_names_that_have_the_same_hash_code() {
        int bits = 14;
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 1 << bits; i++) {
            text.append(i == 0 ? "\"" : ",\"");
            for (int bit = 0; bit < bits; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            text.append("\":").append(i);
        }

        Json json = Json.parse(text.append("}").toString());

        assertThat(json.size()).isEqualTo(1 << bits);
        assertThat(json.at("BB".repeat(bits)).number(-1)).isEqualTo((1 << bits) - 1);
    }

    @Test
    void should_share_texts_that_a_document_repeats_and_keep_all_others() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < 3000; i++) {
            text.append(i == 0 ? "" : ",").append("\"type.googleapis.com\",\"name-");
            text.append(i).append("\",\"\"");
        }

        List<Json> items = Json.parse(text.append("]").toString()).items();

        for (int i = 0; i < 3000; i++) {
            assertThat(items.get(3 * i).text("")).isEqualTo("type.googleapis.com");
            assertThat(items.get(3 * i + 1).text("")).isEqualTo("name-" + i);
            assertThat(items.get(3 * i + 2).text("none")).isEmpty();
        }
    }
}
