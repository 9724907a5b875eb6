package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The memory of one Envoy in bytes, as its allocator sees it, from the page {@code /memory}. Immutable; safe for use by several
 * threads.
 *
 * <p>Source: Envoy, {@code admin/v3/memory.proto}. What the page does not say is 0.
 */
public final class Memory {
    private static final String PATH = "/memory";

    private final Json raw;
    private final List<Inconclusive> gaps;

    private Memory(Json raw, List<Inconclusive> gaps) {
        this.raw = raw;
        this.gaps = List.copyOf(gaps);
    }

    /**
     * Reads the page, for example from a file. The stream stays open.
     *
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static Memory parse(InputStream in) throws IOException {
        AdminPage page = AdminPage.json(in, PATH, List.of("allocated", "heap_size", "total_physical_bytes"), false);
        Inconclusive problem = page.problem();
        return new Memory(page.json(), problem == null ? List.of() : List.of(problem));
    }

    /** Bytes that Envoy uses. */
    public long allocated() {
        return raw.at("allocated").number(0);
    }

    /** Bytes that the heap has reserved, used or not. */
    public long heapSize() {
        return raw.at("heap_size").number(0);
    }

    /** Bytes of the heap that were given back to the system and would have to be mapped again. */
    public long pageHeapUnmapped() {
        return raw.at("pageheap_unmapped").number(0);
    }

    /** Bytes of the heap that are mapped and free. */
    public long pageHeapFree() {
        return raw.at("pageheap_free").number(0);
    }

    /** Bytes in the caches of the allocator's threads. */
    public long totalThreadCache() {
        return raw.at("total_thread_cache").number(0);
    }

    /** Bytes that the allocator has from the system; near the process's resident memory, which the pod's limit is about. */
    public long totalPhysicalBytes() {
        return raw.at("total_physical_bytes").number(0);
    }

    /** What could not be read: the page was cut off. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** The whole page as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One map a row: {@code name}, {@code bytes}, {@code mebibytes}. */
    public List<Map<String, String>> rows() {
        return List.of(
                row("allocated", allocated()),
                row("heapSize", heapSize()),
                row("pageHeapUnmapped", pageHeapUnmapped()),
                row("pageHeapFree", pageHeapFree()),
                row("totalThreadCache", totalThreadCache()),
                row("totalPhysicalBytes", totalPhysicalBytes()));
    }

    private static Map<String, String> row(String name, long bytes) {
        return Row.of("name", name, "bytes", String.valueOf(bytes), "mebibytes", mebibytes(bytes));
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / (1024.0 * 1024));
    }

    /** One line, in MiB. */
    @Override
    public String toString() {
        return mebibytes(totalPhysicalBytes()) + " MiB physical, " + mebibytes(allocated()) + " MiB allocated, heap "
                + mebibytes(heapSize()) + " MiB (" + mebibytes(pageHeapFree()) + " free, "
                + mebibytes(pageHeapUnmapped()) + " unmapped), thread caches " + mebibytes(totalThreadCache()) + " MiB";
    }
}
