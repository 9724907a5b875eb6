package dev.meshdx.health.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.JsonReader;
import dev.meshdx.model.internal.Texts;
import dev.meshdx.model.internal.Times;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads istiod's {@code /debug/syncz} token by token, in all forms that it has had: an array of objects with {@code resources}
 * (now), with a pair of fields for each type (before), and the answer to the xDS request of the same name ({@code
 * ClientConfig}). What a form cannot tell looks as it does from outside: without {@code resources}, a refused type is stale and
 * a type that was never asked for was not sent. Source: Istio, {@code pilot/pkg/xds/debug.go} ({@code SyncStatus}) and {@code
 * statusgen.go}.
 *
 * <p>An answer of 10,000 proxies has some 20 MB, of which most are nonces: they are compared where the parser has them, and only
 * the version of the push is kept of them. Texts that many proxies share are kept once. Used once, by one thread.
 */
public final class SyncStatusParser {
    /** No control plane has nearly as many; more than this is made to exhaust the memory. */
    private static final int MAX_PROXIES = 1_000_000;

    /** Envoy's words for why it refuses may quote a whole configuration. */
    private static final int MAX_ERROR = 16 * 1024;

    private static final int MAX_TYPES = 64;

    /**
     * An istiod that tells resources tells them of all proxies, and repeats them in pairs. After so many proxies the pairs, which
     * are half of the answer and stand before the resources, are not looked at: a proxy without resources asked for none.
     */
    private static final int SURE = 64;

    /** CDS, LDS, EDS, RDS, ECDS: the order of {@link XdsType#core()}. */
    private static final List<String> PAIRS = List.of("cluster", "listener", "endpoint", "route", "extensionconfig");

    private static final int EXTENSIONS = 4;
    private static final Map<String, Integer> PAIR_FIELDS = pairFields();

    private final String asked;
    private final String revision;
    private final @Nullable String namespace;
    private final Texts texts = new Texts();
    private final Map<String, XdsType> types = new HashMap<>();
    private final Map<String, String> errors = new HashMap<>();
    private final @Nullable String[] versions = new String[256];
    private final List<Layout> layouts = new ArrayList<>();
    private final List<ProxyStatus> proxies = new ArrayList<>();
    /** Positions of proxies in the form of pairs of which it is not known yet whether their istiod knows extensions. */
    private final List<Integer> undecided = new ArrayList<>();

    private final Entry entry = new Entry();
    private final Timestamp timestamp = new Timestamp();
    private String istiod;
    private boolean recognised;
    private boolean extensions;
    private int seen;
    private int withResources;
    private @Nullable String problem;

    /**
     * What an istiod said.
     *
     * @param proxies those that it named
     * @param problem why there may be more; null where the answer is whole
     */
    public record Answer(
            List<ProxyStatus> proxies, @Nullable String problem) {}

    private SyncStatusParser(String istiod, String revision, @Nullable String namespace) {
        this.asked = istiod;
        this.istiod = istiod;
        this.revision = revision;
        this.namespace = namespace;
    }

    private static Map<String, Integer> pairFields() {
        Map<String, Integer> fields = new HashMap<>();
        for (int i = 0; i < PAIRS.size(); i++) {
            fields.put(PAIRS.get(i) + "_sent", 2 * i);
            fields.put(PAIRS.get(i) + "_acked", 2 * i + 1);
        }
        return Map.copyOf(fields);
    }

    /**
     * All proxies in an answer, which may be compressed with gzip. The stream stays open.
     *
     * @param istiod the pod that was asked
     * @param revision its revision
     * @param namespace of the proxies that are kept; null for all
     * @throws MeshProtocolException if it is none of the known forms, or ends before the first proxy
     * @throws IOException if nothing can be read from the stream
     */
    public static Answer read(InputStream in, String istiod, String revision, @Nullable String namespace)
            throws IOException {
        return new SyncStatusParser(istiod, revision, namespace).read(in);
    }

    private Answer read(InputStream in) throws IOException {
        try (JsonParser parser = JsonReader.parser(in)) {
            document(parser);
        } catch (JsonProcessingException e) {
            endedEarly(
                    JsonReader.malformed(e),
                    String.valueOf(JsonReader.malformed(e).getMessage()));
        } catch (MeshProtocolException e) {
            // The connection ended in the middle of the document.
            endedEarly(e, String.valueOf(e.getMessage()));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            endedEarly(e, String.valueOf(e.getMessage()));
        }
        if (!recognised) {
            throw new MeshProtocolException(
                    asked + " answered /debug/syncz with something that is not a list of proxies.");
        }
        if (extensions) {
            TypeStatus none = TypeStatus.of(SyncState.NOT_SENT, null, "");
            undecided.forEach(at -> proxies.set(at, proxies.get(at).with(XdsType.ECDS, none)));
        }
        if (!istiod.equals(asked)) {
            proxies.replaceAll(proxy -> proxy.withIstiod(istiod));
        }
        return new Answer(proxies, problem);
    }

    /** What came before stands, as long as anything came. */
    private <E extends Exception> void endedEarly(E failure, String why) throws E {
        if (!recognised || seen == 0) {
            throw failure;
        }
        problem = "The answer ended early after " + seen + (seen == 1 ? " proxy: " : " proxies: ") + why;
    }

    private void document(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new MeshProtocolException("Expected " + asked + "'s list of proxies, but the answer is empty.");
        }
        if (first == JsonToken.START_ARRAY) {
            array(parser);
        } else if (first == JsonToken.START_OBJECT) {
            response(parser);
        }
    }

    // The answer over HTTP.

    private void array(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        // No proxy is connected.
        recognised = token == JsonToken.END_ARRAY;
        for (; token != null && token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT) {
                httpEntry(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void httpEntry(JsonParser parser) throws IOException {
        Entry mine = entry;
        mine.clear();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "proxy" -> {
                    recognised |= token == JsonToken.VALUE_STRING;
                    mine.node(parser, token);
                }
                case "cluster_id" -> mine.cluster = last(parser, token, mine.lastCluster);
                case "istio_version" -> mine.version = last(parser, token, mine.lastVersion);
                case "proxy_version" -> mine.oldVersion = shared(parser, token);
                case "proxy_type" -> {
                    mine.type = last(parser, token, mine.lastType);
                    mine.extensions |= token != JsonToken.VALUE_NULL;
                }
                case "resources" -> {
                    mine.types = 0;
                    mine.resources = token == JsonToken.START_OBJECT;
                    if (!mine.resources || !mine.wanted) {
                        parser.skipChildren();
                    } else {
                        resources(parser);
                    }
                }
                default -> {
                    if (mine.resources || !mine.wanted || withResources >= SURE) {
                        parser.skipChildren();
                    } else {
                        Integer pair = PAIR_FIELDS.get(name);
                        if (pair == null) {
                            parser.skipChildren();
                        } else {
                            mine.extensions |= pair == 2 * EXTENSIONS && token != JsonToken.VALUE_NULL;
                            mine.pairs[pair].read(parser, token);
                        }
                    }
                }
            }
        }
        extensions |= mine.extensions;
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            return;
        }
        if (mine.resources) {
            withResources++;
        } else if (withResources < SURE) {
            pairs();
        }
        if (mine.isProxy()) {
            add();
            if (!mine.resources && !mine.extensions && mine.wanted) {
                undecided.add(proxies.size() - 1);
            }
        }
    }

    private void resources(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            XdsType type = type(parser.currentName());
            JsonToken token = parser.nextToken();
            Entry mine = entry;
            mine.sent.clear();
            mine.acked.clear();
            String error = "";
            timestamp.clear();
            if (token == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    token = parser.nextToken();
                    switch (name) {
                        case "sent" -> mine.sent.read(parser, token);
                        case "acked" -> mine.acked.read(parser, token);
                        case "sentTime" -> timestamp.read(parser, token);
                        case "lastError" -> error = error(parser, token);
                        default -> parser.skipChildren();
                    }
                }
            } else {
                parser.skipChildren();
            }
            mine.type(type, status(mine.sent, mine.acked, error));
        }
    }

    private void pairs() {
        Entry mine = entry;
        int known = mine.extensions ? PAIRS.size() : EXTENSIONS;
        for (int i = 0; i < known; i++) {
            Nonce sent = mine.pairs[2 * i];
            Nonce acked = mine.pairs[2 * i + 1];
            // A nonce begins with the version of the push: TIME/COUNTER.
            timestamp.clear();
            sent.pushTime(timestamp);
            mine.type(XdsType.core().get(i), status(sent, acked, ""));
        }
    }

    /** What two nonces and the time that was just read say. */
    private TypeStatus status(Nonce sent, Nonce acked, String error) {
        boolean never = sent.length == 0;
        boolean same = sent.equalTo(acked);
        SyncState state = !error.isEmpty()
                ? SyncState.ERROR
                : never ? SyncState.NOT_SENT : same ? SyncState.SYNCED : SyncState.STALE;
        String version = version(sent);
        return TypeStatus.of(
                state,
                never ? Timestamp.NONE : timestamp.seconds,
                never ? 0 : timestamp.nanos,
                error,
                version,
                same ? version : version(acked));
    }

    /** The version of the push in a nonce. There are few, and the last digits tell them apart. */
    private String version(Nonce nonce) {
        int length = nonce.versionLength();
        if (length == 0) {
            return "";
        }
        int hash = nonce.chars[length - 1]
                + 31 * nonce.chars[Math.max(0, length - 2)]
                + 7 * 31 * nonce.chars[Math.max(0, length - 3)];
        int slot = hash & (versions.length - 1);
        String known = versions[slot];
        if (known == null || !equal(known, nonce.chars, 0, length)) {
            known = texts.of(nonce.chars, 0, length);
            versions[slot] = known;
        }
        return known;
    }

    // The answer over xDS.

    private void response(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "resources" -> {
                    if (token == JsonToken.START_ARRAY) {
                        recognised = true;
                        for (token = parser.nextToken();
                                token != null && token != JsonToken.END_ARRAY;
                                token = parser.nextToken()) {
                            if (token == JsonToken.START_OBJECT) {
                                clientConfig(parser);
                            } else {
                                parser.skipChildren();
                            }
                        }
                    } else {
                        parser.skipChildren();
                    }
                }
                case "controlPlane", "control_plane" -> controlPlane(parser, token);
                // An istiod without proxies leaves out the empty list.
                case "typeUrl", "type_url" -> recognised |= text(parser, token).endsWith("debug/syncz");
                default -> parser.skipChildren();
            }
        }
    }

    private void controlPlane(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean identifier = parser.currentName().equals("identifier");
            token = parser.nextToken();
            String text = identifier ? text(parser, token) : "";
            parser.skipChildren();
            if (!text.isEmpty()) {
                try {
                    istiod = Json.parse(text).at("ID").text(asked);
                } catch (MeshProtocolException e) {
                    // Older istiods name themselves in other ways; the pod that was asked is as good a name.
                }
            }
        }
    }

    private void clientConfig(JsonParser parser) throws IOException {
        Entry mine = entry;
        mine.clear();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("node") && token == JsonToken.START_OBJECT) {
                node(parser);
            } else if (name.equals("genericXdsConfigs") && token == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    generic(parser);
                }
            } else if (name.equals("xdsConfig") && token == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    beforeGeneric(parser);
                }
            } else {
                parser.skipChildren();
            }
        }
        if (parser.currentToken() == JsonToken.END_OBJECT && mine.isProxy()) {
            add();
        }
    }

    private void node(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("id")) {
                entry.node(parser, token);
            } else if (name.equals("metadata") && token == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    name = parser.currentName();
                    token = parser.nextToken();
                    switch (name) {
                        case "CLUSTER_ID" -> entry.cluster = shared(parser, token);
                        case "ISTIO_VERSION" -> entry.version = shared(parser, token);
                        default -> parser.skipChildren();
                    }
                }
            } else {
                parser.skipChildren();
            }
        }
    }

    private void generic(JsonParser parser) throws IOException {
        String url = "";
        SyncState state = SyncState.IGNORED;
        String error = "";
        timestamp.clear();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "typeUrl" -> url = shared(parser, token);
                case "configStatus" -> state = xdsState(shared(parser, token));
                case "lastUpdated" -> timestamp.read(parser, token);
                case "errorState" -> {
                    if (token == JsonToken.START_OBJECT) {
                        while (parser.nextToken() == JsonToken.FIELD_NAME) {
                            boolean details = parser.currentName().equals("details");
                            token = parser.nextToken();
                            if (details) {
                                error = error(parser, token);
                            } else {
                                parser.skipChildren();
                            }
                        }
                    } else {
                        parser.skipChildren();
                    }
                }
                default -> parser.skipChildren();
            }
        }
        if (!url.isEmpty()) {
            entry.type(type(url), TypeStatus.of(state, timestamp.seconds, timestamp.nanos, error, "", ""));
        }
    }

    /** Before the generic form: one of several fields says which type an entry is about. */
    private void beforeGeneric(JsonParser parser) throws IOException {
        SyncState state = SyncState.IGNORED;
        int type = -1;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("status")) {
                state = xdsState(shared(parser, token));
            } else {
                if (name.endsWith("Config") && token != JsonToken.VALUE_NULL) {
                    int named = PAIRS.indexOf(name.substring(0, name.length() - "Config".length()));
                    type = named < 0 || named == EXTENSIONS ? type : named;
                }
                parser.skipChildren();
            }
        }
        if (type >= 0) {
            entry.type(XdsType.core().get(type), TypeStatus.of(state, null, ""));
        }
    }

    private static SyncState xdsState(String status) {
        return switch (status) {
            case "SYNCED" -> SyncState.SYNCED;
            case "STALE" -> SyncState.STALE;
            case "NOT_SENT" -> SyncState.NOT_SENT;
            case "ERROR" -> SyncState.ERROR;
            default -> SyncState.IGNORED;
        };
    }

    // Values.

    private void add() {
        if (++seen > MAX_PROXIES) {
            throw new MeshProtocolException(asked + " names more than " + MAX_PROXIES + " proxies.");
        }
        Entry mine = entry;
        if (!mine.wanted) {
            return;
        }
        Layout layout = layout();
        proxies.add(ProxyStatus.of(
                mine.namespace,
                mine.pod,
                mine.cluster,
                istiod,
                revision,
                mine.version.isEmpty() ? mine.oldVersion : mine.version,
                mine.type,
                layout.sorted,
                layout.arrange(mine.statuses)));
    }

    /** Proxies of a kind name the same types in the same order: sorted once. */
    private Layout layout() {
        for (Layout layout : layouts) {
            if (layout.fits(entry)) {
                return layout;
            }
        }
        Layout layout = new Layout(entry);
        if (layouts.size() < 32) {
            layouts.add(layout);
        }
        return layout;
    }

    private XdsType type(String url) {
        XdsType type = types.get(url);
        if (type == null) {
            type = XdsType.of(url);
            if (types.size() < 1000) {
                types.put(url, type);
            }
        }
        return type;
    }

    private String shared(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            return texts.of(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        }
        return text(parser, token);
    }

    /** As {@link #shared}, where the text is mostly the one that it was last time. */
    private String last(JsonParser parser, JsonToken token, String before) throws IOException {
        if (token == JsonToken.VALUE_STRING
                && equal(before, parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength())) {
            return before;
        }
        return shared(parser, token);
    }

    private static boolean equal(String text, char[] chars, int offset, int length) {
        if (text.length() != length) {
            return false;
        }
        // The ends differ first.
        for (int i = length - 1; i >= 0; i--) {
            if (text.charAt(i) != chars[offset + i]) {
                return false;
            }
        }
        return true;
    }

    private static String text(JsonParser parser, JsonToken token) throws IOException {
        if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
            return parser.getText();
        }
        parser.skipChildren();
        return "";
    }

    /** Often a thousand proxies refuse the same thing in the same words. */
    private String error(JsonParser parser, JsonToken token) throws IOException {
        String text = text(parser, token);
        if (text.isEmpty()) {
            return text;
        }
        String known = errors.get(text);
        if (known == null) {
            known = text.length() > MAX_ERROR ? text.substring(0, MAX_ERROR) + "…" : text;
            if (errors.size() < 1000) {
                errors.put(text.length() > MAX_ERROR ? known : text, known);
            }
        }
        return known;
    }

    /** What is known of a proxy so far. There is one, which is used again and again. */
    private final class Entry {
        private final Nonce[] pairs = new Nonce[2 * PAIRS.size()];
        private final Nonce sent = new Nonce();
        private final Nonce acked = new Nonce();
        private final @Nullable XdsType[] names = new XdsType[MAX_TYPES];
        private final TypeStatus[] statuses = new TypeStatus[MAX_TYPES];
        private int types;
        private String namespace = "";
        private String pod = "";
        private String cluster = "";
        private String version = "";
        private String oldVersion = "";
        // Those of the proxy before: mostly the same.
        private String lastCluster = "";
        private String lastVersion = "";
        private String lastType = "";
        private String type = "";
        private boolean resources;
        private boolean extensions;
        private boolean wanted;
        private boolean client;

        Entry() {
            Arrays.setAll(pairs, i -> new Nonce());
        }

        void clear() {
            for (Nonce nonce : pairs) {
                nonce.clear();
            }
            lastCluster = cluster.isEmpty() ? lastCluster : cluster;
            lastVersion = version.isEmpty() ? lastVersion : version;
            lastType = type.isEmpty() ? lastType : type;
            types = 0;
            namespace = "";
            pod = "";
            cluster = "";
            version = "";
            oldVersion = "";
            type = "";
            resources = false;
            extensions = false;
            wanted = true;
            client = false;
        }

        boolean isProxy() {
            return (!pod.isEmpty() || !namespace.isEmpty()) && !(client && asksOnly());
        }

        /** A pod may be called as istioctl calls itself; but it is sent something, and has a version that there is. */
        private boolean asksOnly() {
            boolean nothing = true;
            for (int i = 0; i < types; i++) {
                nothing &= statuses[i].state() == SyncState.NOT_SENT || statuses[i].state() == SyncState.IGNORED;
            }
            return nothing || version.startsWith("65536.");
        }

        /** {@code POD.NAMESPACE}; the namespace is what follows the last dot. */
        void node(JsonParser parser, JsonToken token) throws IOException {
            pod = "";
            namespace = "";
            client = false;
            if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
                parser.skipChildren();
                return;
            }
            char[] chars = parser.getTextCharacters();
            int offset = parser.getTextOffset();
            int length = parser.getTextLength();
            int dot = length - 1;
            while (dot >= 0 && chars[offset + dot] != '.') {
                dot--;
            }
            namespace = dot < 0 ? "" : texts.of(chars, offset + dot + 1, length - dot - 1);
            wanted = SyncStatusParser.this.namespace == null || SyncStatusParser.this.namespace.equals(namespace);
            // Not through the shared texts: names of pods would drive out what is worth sharing.
            pod = new String(chars, offset, dot < 0 ? length : dot);
            // Every istioctl that asks calls itself so. Source: Istio, istioctl/pkg/xds/client.go, "test-1.NAMESPACE".
            client = dot >= 0 && (pod.equals("test-1") || pod.startsWith("test-1."));
        }

        /** Of a type that is named twice the last state counts. */
        @SuppressWarnings("ReferenceEquality") // The reader makes one object of each type.
        void type(XdsType name, TypeStatus status) {
            for (int i = 0; i < types; i++) {
                if (name == names[i]) {
                    statuses[i] = status;
                    return;
                }
            }
            if (types < MAX_TYPES) {
                names[types] = name;
                statuses[types++] = status;
            }
        }
    }

    /** The types of a proxy in the order of the document, and sorted. */
    private static final class Layout {
        private final XdsType[] sorted;
        private final @Nullable XdsType[] names;
        private final int[] positions;

        Layout(Entry entry) {
            names = Arrays.copyOf(entry.names, entry.types);
            Map<XdsType, Integer> order = new TreeMap<>();
            for (int i = 0; i < entry.types; i++) {
                XdsType name = names[i];
                if (name != null) {
                    order.put(name, i);
                }
            }
            sorted = order.keySet().toArray(XdsType[]::new);
            positions = order.values().stream().mapToInt(Integer::intValue).toArray();
        }

        @SuppressWarnings("ReferenceEquality") // The reader makes one object of each type; another one costs a layout.
        boolean fits(Entry entry) {
            if (entry.types != names.length) {
                return false;
            }
            for (int i = 0; i < names.length; i++) {
                if (names[i] != entry.names[i]) {
                    return false;
                }
            }
            return true;
        }

        TypeStatus[] arrange(TypeStatus[] statuses) {
            TypeStatus[] arranged = new TypeStatus[positions.length];
            for (int i = 0; i < positions.length; i++) {
                arranged[i] = statuses[positions[i]];
            }
            return arranged;
        }
    }

    /** The version of a push and a UUID, where the parser's buffer was copied to. */
    private static final class Nonce {
        private static final int UUID = 36;
        private static final int LONGEST_VERSION = 60;

        private char[] chars = new char[96];
        private int length;

        void clear() {
            length = 0;
        }

        void read(JsonParser parser, JsonToken token) throws IOException {
            length = 0;
            if (token == JsonToken.VALUE_NULL || !token.isScalarValue()) {
                parser.skipChildren();
                return;
            }
            char[] from = parser.getTextCharacters();
            int count = parser.getTextLength();
            if (count > chars.length) {
                chars = new char[count];
            }
            System.arraycopy(from, parser.getTextOffset(), chars, 0, count);
            length = count;
        }

        boolean equalTo(Nonce other) {
            return Arrays.equals(chars, 0, length, other.chars, 0, other.length);
        }

        /**
         * How long what stands before the UUID is; 0 where that is not the form. Source: Istio, {@code pilot/pkg/xds/ads.go},
         * nonce.
         */
        int versionLength() {
            int end = length - UUID;
            boolean known = end > 0
                    && end <= LONGEST_VERSION
                    && chars[end + 8] == '-'
                    && chars[end + 13] == '-'
                    && chars[end + 18] == '-'
                    && chars[end + 23] == '-';
            return known ? end : 0;
        }

        void pushTime(Timestamp into) {
            for (int i = 0; i < length; i++) {
                if (chars[i] == '/') {
                    into.read(chars, 0, i);
                    return;
                }
            }
        }
    }

    /** A time in the form that Go writes; {@link #NONE} for its zero time and for what is not a time. */
    private static final class Timestamp {
        static final long NONE = Long.MIN_VALUE;

        private final char[] day = new char[10];
        private long daySeconds;
        private long seconds = NONE;
        private int nanos;

        void clear() {
            seconds = NONE;
            nanos = 0;
        }

        void read(JsonParser parser, JsonToken token) throws IOException {
            clear();
            if (token == JsonToken.VALUE_STRING) {
                read(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
            } else {
                parser.skipChildren();
            }
        }

        void read(char[] chars, int offset, int length) {
            clear();
            // 2026-01-02T03:04:05Z, 2026-01-02T03:04:05.123456789Z; the day is mostly that of the time before.
            boolean common = length >= 20
                    && length <= 30
                    && chars[offset + length - 1] == 'Z'
                    && (length == 20 || chars[offset + 19] == '.')
                    && Arrays.equals(chars, offset, offset + 10, day, 0, 10);
            if (common) {
                int hour = two(chars, offset + 11);
                int minute = two(chars, offset + 14);
                int second = two(chars, offset + 17);
                int fraction = 0;
                for (int i = 20; i < 29; i++) {
                    int digit = i < length - 1 ? chars[offset + i] - '0' : 0;
                    fraction = digit < 0 || digit > 9 ? Integer.MIN_VALUE : fraction * 10 + digit;
                    if (fraction < 0) {
                        break;
                    }
                }
                if (hour >= 0
                        && hour < 24
                        && minute >= 0
                        && minute < 60
                        && second >= 0
                        && second < 60
                        && fraction >= 0
                        && chars[offset + 10] == 'T'
                        && chars[offset + 13] == ':'
                        && chars[offset + 16] == ':') {
                    seconds = daySeconds + hour * 3600L + minute * 60L + second;
                    nanos = fraction;
                    return;
                }
            }
            time(new String(chars, offset, length)).ifPresent(time -> {
                seconds = time.getEpochSecond();
                nanos = time.getNano();
                if (length >= 20 && chars[offset + length - 1] == 'Z') {
                    System.arraycopy(chars, offset, day, 0, day.length);
                    daySeconds = LocalDate.parse(new String(day)).toEpochDay() * 86_400L;
                }
            });
        }

        private static int two(char[] chars, int at) {
            int tens = chars[at] - '0';
            int ones = chars[at + 1] - '0';
            return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
        }
    }

    /** A time; empty for none, for Go's zero time, and for what is not a time. */
    static Optional<Instant> time(@Nullable String text) {
        return Times.of(text);
    }
}
