package dev.meshdx.source.internal.kubeconfig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files, and says in a few words why one cannot be read. */
final class LocalFiles {
    /** Kubeconfigs of hundreds of clusters stay below a megabyte. */
    static final int MAX_KUBECONFIG = 8 * 1024 * 1024;

    /** Certificates, keys, tokens. */
    static final int MAX_CREDENTIAL = 1024 * 1024;

    private LocalFiles() {}

    /** The bytes. Anything that can be read as a stream will do: {@code KUBECONFIG} may name a pipe. */
    static byte[] read(Path file, int max) throws Unreadable {
        if (Files.isDirectory(file)) {
            throw new Unreadable("is a folder, not a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(max + 1);
            if (bytes.length > max) {
                throw new Unreadable("is larger than " + max / (1024 * 1024) + " MiB");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new Unreadable("does not exist");
        } catch (AccessDeniedException e) {
            throw new Unreadable("may not be read by this user");
        } catch (IOException e) {
            throw new Unreadable("cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** Why a file cannot be read, to be put after its name. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        private final String why;

        Unreadable(String why) {
            super(why, null, false, false);
            this.why = why;
        }

        String why() {
            return why;
        }
    }
}
