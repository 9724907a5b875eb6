package dev.meshdx.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshProtocolException;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void should_walk_into_what_is_not_there() {
        Json json = Json.parse("{\"a\":{\"b\":[1,\"2\",null]}}");

        assertThat(json.at("a", "b").at(0).number(-1)).isEqualTo(1);
        assertThat(json.at("a", "b").at(1).number(-1)).isEqualTo(2);
        assertThat(json.at("a", "b").at(2).isNull()).isTrue();
        assertThat(json.at("a", "x", "y").at(7)).isEqualTo(Json.MISSING);
        assertThat(json.at("a", "x").exists()).isFalse();
    }

    @Test
    void should_take_the_last_of_duplicate_keys_and_drop_managed_fields() {
        Json json = Json.parse("{\"k\":1,\"managedFields\":[{\"big\":true}],\"k\":2}");

        assertThat(json.at("k").number(0)).isEqualTo(2);
        assertThat(json.names()).containsExactly("k");
    }

    @Test
    void should_refuse_hostile_nesting_without_overflowing_the_stack() {
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000))).isInstanceOf(MeshProtocolException.class);
    }

    @Test
    void should_say_that_a_document_is_cut_off_without_quoting_it() {
        assertThatThrownBy(() -> Json.parse("{\"token\":\"s3cr3t\",\"x\":"))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("cut off")
                .hasMessageNotContaining("s3cr3t");
    }

    @Test
    void should_keep_the_order_of_fields_when_written() {
        assertThat(Json.object("b", 1, "a", "x").toString()).isEqualTo("{\"b\":1,\"a\":\"x\"}");
        assertThat(Json.parse("{\"a\":[1,2.5,true,null]}").toString()).isEqualTo("{\"a\":[1,2.5,true,null]}");
    }
}
