using System.Security.Cryptography;
using System.Text;
using Catalog.Lineage.Snapshots;
using Microsoft.Extensions.Logging;

namespace Catalog.Lineage;

/// <summary>Where a server keeps its snapshot of the lineage graph.</summary>
/// <param name="File">A path; its folder is made when it is first written.</param>
public sealed record GraphSnapshotPlace(string File);

/// <summary>
/// The lineage graph in a file, so that a start need not read the whole log. It holds nothing that the log does not: one that is damaged,
/// of another fold or of another log is passed over.
/// </summary>
internal sealed partial class GraphSnapshots(GraphSnapshotPlace place, ILogger<GraphSnapshots> log)
{
    private const int BufferBytes = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "catalog lineage 2\n"u8;

    /// <summary>Replaces the file by another, whole or not at all. Failures are logged: the next one may succeed.</summary>
    public async Task SaveAsync(LineageSnapshot snapshot, LogPlace at)
    {
        var partial = place.File + ".partial";
        try
        {
            if (Path.GetDirectoryName(place.File) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            await Task.Run(() => Write(partial, snapshot, at));
            File.Move(partial, place.File, overwrite: true);
            LogSaved(snapshot.Position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            LogNotSaved(e.Message);
        }
    }

    /// <summary>The last one saved; null where there is none to go on from.</summary>
    /// <param name="isOfThisLog">Whether the log has the fact with an id at a position.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<SavedGraph?> LoadAsync(Func<LogPlace, Task<bool>> isOfThisLog, CancellationToken ct)
    {
        if (!File.Exists(place.File))
            return null;
        try
        {
            await using var file = new FileStream(place.File, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
            if (!await Task.Run(() => IsWhole(file), ct))
                LogNotUsed("it is damaged");
            else if (ReadPlace(file) is not { } at)
                LogNotUsed("another release made it");
            else if (!await isOfThisLog(at))
                LogNotUsed("it is of another log");
            else
                return await Task.Run(() => Read(file, at), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            LogNotUsed(e.Message);
        }

        return null;
    }

    private static SavedGraph Read(FileStream file, LogPlace at)
    {
        var fold = LineageFold.Read(file);
        return fold.Graph.Current.Position == at.Position
            ? new SavedGraph(at, fold)
            : throw new InvalidDataException("it is not of the position that it names");
    }

    private static void Write(string path, LineageSnapshot snapshot, LogPlace at)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
        {
            using var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true);
            writer.Write(Magic);
            writer.Write(LineageFold.Revision);
            writer.Write(at.Position);
            writer.Write(at.Id.ToByteArray());
            Write(writer, at.Holes);
            Write(writer, at.Late);
            writer.Flush();
            snapshot.WriteTo(hashed);
        }

        file.Write(hash.Hash);
        file.Flush(flushToDisk: true);
    }

    private static void Write(BinaryWriter writer, IReadOnlyCollection<long> positions)
    {
        writer.Write(positions.Count);
        foreach (var position in positions)
            writer.Write(position);
    }

    private static bool IsWhole(FileStream file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (var left = file.Length - SHA256.HashSizeInBytes; left > 0;)
        {
            var read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        Span<byte> written = stackalloc byte[SHA256.HashSizeInBytes];
        return file.ReadAtLeast(written, written.Length, throwOnEndOfStream: false) == written.Length
            && written.SequenceEqual(hash.GetHashAndReset());
    }

    private static LogPlace? ReadPlace(FileStream file)
    {
        file.Position = 0;
        using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic) || reader.ReadInt32() != LineageFold.Revision)
            return null;
        return new LogPlace(reader.ReadInt64(), new Guid(reader.ReadBytes(16)), ReadPositions(reader), ReadPositions(reader));
    }

    private static long[] ReadPositions(BinaryReader reader)
    {
        var positions = new long[reader.ReadInt32()];
        for (var i = 0; i < positions.Length; i++)
            positions[i] = reader.ReadInt64();
        return positions;
    }

    [LoggerMessage(4002, LogLevel.Information, "The lineage graph was saved as of position {Position}.")]
    private partial void LogSaved(long position);

    [LoggerMessage(
        4003, LogLevel.Warning, "The lineage graph could not be saved: {Why} The next start reads the log from where it was saved before.")]
    private partial void LogNotSaved(string why);

    [LoggerMessage(4004, LogLevel.Warning, "The saved lineage graph is not used, and the whole log is read: {Why}.")]
    private partial void LogNotUsed(string why);
}

/// <summary>Where a snapshot stands in the log.</summary>
/// <param name="Position">Of the last fact that it includes.</param>
/// <param name="Id">That fact's own id: another log has another there.</param>
/// <param name="Holes">Numbers before it that were held for dead.</param>
/// <param name="Late">Positions before it whose facts were taken in after later ones.</param>
internal sealed record LogPlace(long Position, Guid Id, IReadOnlyCollection<long> Holes, IReadOnlyCollection<long> Late);

/// <summary>A snapshot that was read.</summary>
internal sealed record SavedGraph(LogPlace At, LineageFold Fold);
