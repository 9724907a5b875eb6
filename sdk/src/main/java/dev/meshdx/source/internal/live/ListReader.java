package dev.meshdx.source.internal.live;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.JsonReader;
import dev.meshdx.model.internal.Texts;
import dev.meshdx.source.internal.SecretRedaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a page of a list as it arrives, one item at a time. */
final class ListReader {
    private final ResourceKind kind;
    private final List<Resource> items = new ArrayList<>();
    private final Texts texts = new Texts();
    private @Nullable String listKind;
    private String message = "";
    private String next = "";
    private boolean itemsSeen;

    /** Kubernetes supports 150,000 pods. Source: Kubernetes, "Considerations for large clusters". */
    static final int MAX_ITEMS = 500_000;

    private ListReader(ResourceKind kind) {
        this.kind = kind;
    }

    /**
     * A page.
     *
     * @param items what is on it
     * @param next the continue token of the next page; empty on the last one
     */
    record Page(List<Resource> items, String next) {}

    /**
     * Reads a page.
     *
     * @throws MeshProtocolException if it is not the list of this kind, whole and sound
     */
    static Page read(ResourceKind kind, InputStream body) throws IOException {
        try (JsonParser parser = JsonReader.parser(body)) {
            ListReader reader = new ListReader(kind);
            reader.document(parser);
            return reader.page();
        } catch (JsonProcessingException e) {
            throw JsonReader.malformed(e);
        }
    }

    private void document(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new MeshProtocolException("Expected a list, but the answer is no JSON object.");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "kind" -> listKind = token == JsonToken.VALUE_STRING ? parser.getText() : null;
                case "message" -> message = Json.of(JsonReader.value(parser)).text("");
                case "metadata" ->
                    next = Json.of(JsonReader.value(parser)).at("continue").text("");
                case "items" -> items(parser, token);
                default -> parser.skipChildren();
            }
        }
    }

    private void items(JsonParser parser, JsonToken token) throws IOException {
        // Of a duplicate key the last value counts.
        items.clear();
        itemsSeen = token == JsonToken.START_ARRAY || token == JsonToken.VALUE_NULL;
        if (token != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Json item = Json.of(JsonReader.value(parser, texts));
            if (!item.isObject()) {
                throw new MeshProtocolException("The list holds an item that is no object.");
            }
            items.add(resource(kind, item));
            if (items.size() > MAX_ITEMS) {
                throw new MeshProtocolException("The list holds more than " + MAX_ITEMS + " items.");
            }
        }
    }

    static Resource resource(ResourceKind kind, Json document) {
        return Resource.of(kind, SecretRedaction.redact(kind, document));
    }

    private Page page() {
        String expected = kind.kind() + "List";
        if (listKind == null) {
            throw new MeshProtocolException("Expected a " + expected + ", but got something without a kind.");
        }
        if (listKind.equals("Status")) {
            throw new MeshProtocolException(
                    "Expected a " + expected + ", but got a Status: " + PlainText.of(message) + ".");
        }
        if (!listKind.equals(expected)) {
            throw new MeshProtocolException("Expected a " + expected + ", but got " + PlainText.kind(listKind) + ".");
        }
        if (!itemsSeen) {
            throw new MeshProtocolException("The " + expected + " has no items.");
        }
        return new Page(items, next);
    }
}
