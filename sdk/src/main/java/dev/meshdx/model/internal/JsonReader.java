package dev.meshdx.model.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.meshdx.error.MeshProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Lenient streaming reader: unknown fields are kept, duplicate keys are settled by the last one, and of what is large and needed by
 * no view ({@code managedFields}) only the last change is kept: the rest is dropped while parsing, before it costs memory.
 */
public final class JsonReader {
    /** Real objects nest about 30 levels deep; a hostile one must not exhaust the stack. */
    static final int MAX_DEPTH = 500;

    /** One document, or one item of a list, with more values than this is made to exhaust the memory. */
    static final int MAX_VALUES = 4_000_000;

    private static final Projection MANAGER = Projection.of("manager", "time", "subresource");

    private static final int LONGEST_NUMBER = 300;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(64 * 1024 * 1024)
                    .maxNumberLength(64 * 1024 * 1024)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final Texts texts;
    private int values;

    private JsonReader(Texts texts) {
        this.texts = texts;
    }

    /** Reads one document from a text. */
    public static @Nullable Object read(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            return readDocument(parser);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one document from a stream of UTF-8, which stays open. */
    public static @Nullable Object read(InputStream in) throws IOException {
        try (JsonParser parser = parser(in)) {
            return readDocument(parser);
        }
    }

    /**
     * A parser for readers that go through a document one resource at a time. What is compressed with gzip, as files from
     * bug reports and answers of proxies in between are, is read as what it holds.
     */
    public static JsonParser parser(InputStream in) throws IOException {
        JsonParser parser = FACTORY.createParser(plain(in));
        parser.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
        return parser;
    }

    private static InputStream plain(InputStream in) throws IOException {
        PushbackInputStream ahead = new PushbackInputStream(in, 2);
        byte[] start = ahead.readNBytes(2);
        ahead.unread(start);
        boolean gzip = start.length == 2 && start[0] == (byte) 0x1f && start[1] == (byte) 0x8b;
        return gzip ? new GZIPInputStream(ahead, 64 * 1024) : ahead;
    }

    private static @Nullable Object readDocument(JsonParser parser) throws IOException {
        try {
            if (parser.nextToken() == null) {
                throw new MeshProtocolException("Expected JSON, but the answer is empty.");
            }
            return value(parser, new Texts());
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    /** What went wrong, without quoting the document: it may hold secrets. */
    public static MeshProtocolException malformed(JsonProcessingException e) {
        var at = e.getLocation();
        String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        String kind = e instanceof JsonEOFException
                ? "is cut off"
                : e instanceof StreamConstraintsException
                        ? "nests too deep, or holds a text or a number that is too long, to be read"
                        : "is not valid JSON";
        return new MeshProtocolException("The document " + kind + where + ".");
    }

    /**
     * The value at the parser's current token, as plain Java values.
     *
     * @throws MeshProtocolException if it is made of more than four million values
     */
    public static @Nullable Object value(JsonParser parser) throws IOException {
        return value(parser, new Texts());
    }

    /**
     * The value at the parser's current token, as plain Java values.
     *
     * @param texts those of the document so far
     * @throws MeshProtocolException if it is made of more than four million values
     */
    public static @Nullable Object value(JsonParser parser, Texts texts) throws IOException {
        return value(parser, texts, Projection.WHOLE);
    }

    /**
     * The value at the parser's current token, as plain Java values.
     *
     * @param texts those of the document so far
     * @param wanted what is kept of it
     * @throws MeshProtocolException if it is made of more than four million values
     */
    public static @Nullable Object value(JsonParser parser, Texts texts, Projection wanted) throws IOException {
        return new JsonReader(texts).read(parser, wanted);
    }

    private @Nullable Object read(JsonParser parser, Projection wanted) throws IOException {
        if (++values > MAX_VALUES) {
            throw new MeshProtocolException("The document holds more than " + MAX_VALUES + " values.");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, wanted);
            case START_ARRAY -> array(parser, wanted);
            case VALUE_STRING -> texts.read(parser);
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT ->
                parser.getTextLength() > LONGEST_NUMBER ? parser.getText() : (Object) parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    /** One that is too long to be a number of anything stays a text: it costs nothing, and the rest of the document stands. */
    private static Object integer(JsonParser parser) throws IOException {
        if (parser.getTextLength() > LONGEST_NUMBER) {
            return parser.getText();
        }
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? parser.getBigIntegerValue()
                : (Object) parser.getLongValue();
    }

    private FieldMap object(JsonParser parser, Projection wanted) throws IOException {
        FieldMap.Builder map = new FieldMap.Builder();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            Projection inner = wanted.field(name);
            if (name.equals("managedFields")) {
                ItemList change = lastChange(parser);
                if (inner != null && change != null) {
                    map.put(name, change);
                }
            } else if (inner == null) {
                parser.skipChildren();
            } else {
                map.put(name, read(parser, inner));
            }
        }
        return map.build();
    }

    /**
     * Of all managers the one that changed the resource last, with the time: which fields are whose is larger than the resource
     * itself. Who writes its status does not change it.
     */
    private @Nullable ItemList lastChange(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return null;
        }
        FieldMap newest = null;
        String newestTime = "";
        for (JsonToken token = parser.nextToken();
                token != null && token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT && read(parser, MANAGER) instanceof FieldMap manager) {
                // Times in Kubernetes' form are in the order of their letters.
                String time = String.valueOf(manager.get("time"));
                if (manager.get("time") != null
                        && !"status".equals(manager.get("subresource"))
                        && time.compareTo(newestTime) > 0) {
                    newest = manager;
                    newestTime = time;
                }
            } else {
                parser.skipChildren();
            }
        }
        return newest == null ? null : new ItemList.Builder().add(newest).build();
    }

    private ItemList array(JsonParser parser, Projection wanted) throws IOException {
        ItemList.Builder list = new ItemList.Builder();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(read(parser, wanted));
        }
        return list.build();
    }
}
