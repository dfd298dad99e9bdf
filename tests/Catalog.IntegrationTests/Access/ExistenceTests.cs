using System.Diagnostics;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Access;

/// <summary>Who may not see a thing cannot tell whether it is there: by no answer, no header, and not by the time that it takes.</summary>
public sealed class ExistenceTests(GovernedServer server)
{
    private static readonly HashSet<string> s_changing = new(["Date", "Request-Id", "traceparent"], StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("none")]
    [InlineData("reader")]
    [InlineData("writer")]
    public async Task What_is_there_and_what_is_not_is_refused_alike(string role)
    {
        var (there, nowhere) = await ThingsAsync();
        var (somebody, principal) = await server.SomebodyAsync(role);
        if (role != "none")
        {
            (await server.ApplyAsync(new
            {
                id = New.Name("deny"),
                effect = "deny",
                principals = new[] { principal },
                actions = new[] { "*" },
                resources = new[] { $"namespace:{there.Namespace}" },
            })).Expect(200);
        }

        foreach (var (method, path, body) in Addresses(there))
        {
            // An id of a run says nothing of a namespace: whoever may look at runs is told which of them there are not.
            if (role != "none" && path.StartsWith("/v1/runs/", StringComparison.Ordinal))
                continue;
            var (shown, missing) = (
                await AskAsync(somebody, method, path, body, there, there), await AskAsync(somebody, method, path, body, there, nowhere));
            Assert.True(shown == missing, $"{method} {path} answers\n{shown}\nand\n{missing}");
            Assert.True(shown.Code is 403 or 404, $"{method} {path} answers {shown.Code}: {shown.Text}");
        }
    }

    /// <summary>
    /// Medians of many requests in turns: a machine that is busy tells nothing apart, so that a bound is tried three times, and is wide.
    /// </summary>
    [Fact]
    public async Task What_is_there_takes_as_long_as_what_is_not()
    {
        var (there, nowhere) = await ThingsAsync();
        var (somebody, _) = await server.SomebodyAsync();
        foreach (var (method, path, body) in Addresses(there).Where(a => a.Body is null && a.Method == HttpMethod.Get).Take(6))
        {
            var ratios = new List<double>();
            while (ratios.Count < 3 && ratios.LastOrDefault(double.MaxValue) is < 1 / 2.5 or > 2.5)
                ratios.Add(await RatioAsync(somebody, path, path.Replace(there.Name, nowhere.Name, StringComparison.Ordinal)));
            Assert.True(ratios[^1] is >= 1 / 2.5 and <= 2.5, $"{path} takes {string.Join(", ", ratios)} times as long where it is there");
        }
    }

    private static async Task<double> RatioAsync(Api api, string there, string nowhere)
    {
        const int Requests = 60;
        var (first, second) = (new List<long>(), new List<long>());
        for (var i = 0; i < Requests; i++)
        {
            foreach (var (path, times) in i % 2 == 0 ? [(there, first), (nowhere, second)] : new[] { (nowhere, second), (there, first) })
            {
                var began = Stopwatch.GetTimestamp();
                (await api.GetAsync(path)).Expect(403);
                times.Add(Stopwatch.GetTimestamp() - began);
            }
        }

        return (double)Median(first) / Median(second);
    }

    private static long Median(List<long> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>A thing of each kind in a namespace of its own, and names of the same length that nothing has.</summary>
    private async Task<(Things There, Things Nowhere)> ThingsAsync()
    {
        var admin = await server.AdminAsync();
        var ns = New.Name("hidden");
        var flights = await server.FlightsAsync(ns, New.Name("there"));
        (await admin.PutAsync($"{flights.Url}/aliases/champion", new { version = 1 })).Expect(200);
        var model = new ModelName(ns, flights.Name);
        (await admin.PostAsync("/v1/models", new { @namespace = ns, name = model.Name, owner = "team" })).Expect(201);
        var run = Guid.CreateVersion7();
        (await admin.PostAsync("/v1/runs", new { id = run, job = new { @namespace = ns, name = flights.Name } })).Expect(201);
        return (new Things(ns, flights.Name, run), new Things(ns, New.Name("never"), Guid.CreateVersion7()));
    }

    private static IEnumerable<(HttpMethod Method, string Path, object? Body)> Addresses(Things t)
    {
        var (dataset, model) = (Api.Path($"/v1/datasets/{t.Namespace}/{t.Name}"), Api.Path($"/v1/models/{t.Namespace}/{t.Name}"));
        var node = $"dataset:{t.Namespace}/{t.Name}";
        foreach (var path in (string[])
        [
            dataset, $"{dataset}/versions/1/columns", $"{dataset}/versions/champion", $"{dataset}/versions/1/files/signed", model,
            $"/v1/lineage?node={node}@1&direction=up", $"{dataset}/versions", $"{dataset}/versions/1", $"{dataset}/versions/7",
            $"{dataset}/versions/latest/columns", $"{dataset}/versions/1/columns?columns=id&filter=id%20%3D%201",
            $"{dataset}/versions/1/columns?seed=1", $"{dataset}/versions/1/files", $"{dataset}/versions/1/content?path=flights.parquet",
            $"{model}/versions", $"{model}/versions/1", $"{model}/versions/1/files", $"{model}/prediction-log",
            $"/v1/runs/{t.Run}", $"/v1/runs/{t.Run}/metrics", Api.Path($"/v1/jobs/{t.Namespace}/{t.Name}"),
            $"/v1/lineage/impact?node={node}@1", $"/v1/lineage/node?node={node}", $"/v1/lineage/path?from={node}@1&to={node}",
            Api.Path($"/v1/training-sets/{t.Namespace}/{t.Name}/versions/1"),
            Api.Path($"/v1/training-sets/{t.Namespace}/{t.Name}/versions/1/sql") + "?dialect=duckdb",
            Api.Path($"/v1/feature-views/{t.Namespace}/{t.Name}"), Api.Path($"/v1/feature-services/{t.Namespace}/{t.Name}"),
            Api.Path($"/api/v1/namespaces/{t.Namespace}/datasets/{t.Name}"), Api.Path($"/api/v1/namespaces/{t.Namespace}/jobs/{t.Name}"),
            Api.Path($"/delta-sharing/shares/catalog/schemas/{t.Namespace}/tables/{t.Name}/metadata"),
        ])
            yield return (HttpMethod.Get, path, null);

        yield return (HttpMethod.Put, $"{dataset}/aliases/other", new { version = 1 });
        yield return (HttpMethod.Put, $"{dataset}/tags/other", null);
        yield return (HttpMethod.Put, $"{dataset}/description", new { documentation = "Mine." });
        yield return (HttpMethod.Post, $"{dataset}/retire", new { reason = "Mine." });
        yield return (HttpMethod.Put, $"{model}/aliases/other", new { version = 1 });
        yield return (HttpMethod.Post, Api.Path($"/delta-sharing/shares/catalog/schemas/{t.Namespace}/tables/{t.Name}/query"), new { });
    }

    /// <summary>What is answered when one thing is asked for by the address of another, without the names.</summary>
    private static async Task<Said> AskAsync(Api api, HttpMethod method, string path, object? body, Things named, Things asked)
    {
        var address = path.Replace(named.Name, asked.Name, StringComparison.Ordinal)
            .Replace(named.Run.ToString(), asked.Run.ToString(), StringComparison.Ordinal);
        var answer = method == HttpMethod.Get ? await api.GetAsync(address)
            : method == HttpMethod.Put ? await api.PutAsync(address, body)
            : await api.PostAsync(address, body);
        var headers = answer.Headers.Concat(answer.ContentHeaders).Where(h => !s_changing.Contains(h.Key))
            .Select(h => $"{h.Key}: {string.Join(", ", h.Value)}").Order(StringComparer.Ordinal);
        return new Said(answer.Code, Nameless(answer.Text), Nameless(string.Join('\n', headers)));

        string Nameless(string text) => text.Replace(asked.Name, "NAME", StringComparison.Ordinal)
            .Replace(asked.Run.ToString(), "RUN", StringComparison.Ordinal);
    }

    private sealed record Things(string Namespace, string Name, Guid Run);

    private sealed record Said(int Code, string Text, string Headers);
}
