using System.Text.Json;

namespace Catalog.Server.Hosting;

/// <summary><c>server.json</c> in the data folder: where the server answers, for the command line to find.</summary>
internal static class ServerFile
{
    private static string PathIn(DataFolder data) => Path.Combine(data.Root, "server.json");

    public static async Task WriteAsync(DataFolder data, Uri address, CancellationToken ct)
    {
        var path = PathIn(data);
        var fresh = $"{path}.{Environment.ProcessId}";
        await File.WriteAllBytesAsync(
            fresh, JsonSerializer.SerializeToUtf8Bytes(new { url = address.ToString(), pid = Environment.ProcessId }), ct);
        File.Move(fresh, path, overwrite: true);
    }

    public static void Remove(DataFolder data) => File.Delete(PathIn(data));
}
