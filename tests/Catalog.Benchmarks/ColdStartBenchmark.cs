using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Catalog.Benchmarks;

/// <summary>
/// From starting the process <c>catalog serve</c> to the first answered request, on an empty folder and on an existing one.
/// </summary>
internal static class ColdStartBenchmark
{
    private const int Rounds = 5;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var program])
        {
            await Console.Error.WriteLineAsync("Say where Catalog.Cli.dll is.");
            return 2;
        }

        Console.WriteLine("| folder | median s | runs |");
        Console.WriteLine("| --- | ---: | --- |");
        var (empty, existing) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var folder = Directory.CreateTempSubdirectory("catalog-bench-");
            try
            {
                empty.Add(await StartAsync(program, folder.FullName));
                existing.Add(await StartAsync(program, folder.FullName));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        Report("empty", empty);
        Report("existing", existing);
        return 0;
    }

    private static void Report(string folder, List<double> seconds)
    {
        var median = seconds.Order().ElementAt(seconds.Count / 2);
        Console.WriteLine($"| {folder} | {median:N2} | {string.Join(' ', seconds.Select(s => s.ToString("N2")))} |");
    }

    private static async Task<double> StartAsync(string program, string folder)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        using var http = new HttpClient { BaseAddress = url };
        var watch = Stopwatch.StartNew();
        using var server = Process.Start(new ProcessStartInfo("dotnet", [program, "serve", "--data", folder, "--listen", url.ToString()])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("dotnet did not start.");
        server.OutputDataReceived += (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        while (!await AnswersAsync(http))
        {
            if (server.HasExited || watch.Elapsed > TimeSpan.FromMinutes(1))
                throw new InvalidOperationException("The server did not start.");
            await Task.Delay(5);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        using (var stop = Process.Start("kill", ["-INT", server.Id.ToString()]))
            await stop.WaitForExitAsync();
        await server.WaitForExitAsync();
        return seconds;
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
