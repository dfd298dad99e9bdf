using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>PostgreSQL's own log: it starts a new file at each start and every ten megabytes, and we keep the newest.</summary>
internal sealed class PostgresLogFolder(DataFolder data, ILogger logger)
{
    private const int KeptFiles = 10;
    private const int TailBytes = 16 * 1024;

    public IReadOnlyList<string> LastLines()
    {
        try
        {
            if (Files().FirstOrDefault() is not { } newest)
                return [];
            using var stream = new FileStream(newest, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(stream.Length, TailBytes), SeekOrigin.End);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>
    /// Removes all but the newest files. What cannot be removed, or is not there to look into, is left for the next time.
    /// </summary>
    public void Prune()
    {
        try
        {
            RemoveOld();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LeftBehind(e, data.PostgresLog);
        }
    }

    private void RemoveOld()
    {
        foreach (var old in Files().Skip(KeptFiles))
        {
            try
            {
                File.Delete(old);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.LeftBehind(e, old);
            }
        }
    }

    private IEnumerable<string> Files() => Directory.GetFiles(data.PostgresLog, "postgresql-*.log").OrderDescending(StringComparer.Ordinal);
}
