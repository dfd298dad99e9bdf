using Catalog.IntegrationTests.Features;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Access;

/// <summary>Pages that may be seen name others that may not: those stand under a name that says nothing.</summary>
public sealed class HiddenNamesTests(GovernedServer server)
{
    [Fact]
    public async Task A_view_a_service_and_a_training_set_do_not_name_what_they_rest_on_to_whom_it_is_hidden()
    {
        var admin = await server.AdminAsync();
        var (open, hidden) = (New.Name("open"), New.Name("hidden"));
        var source = await New.DatasetAsync(admin, hidden, "landings");
        var folder = Directory.CreateDirectory(Path.Combine(server.Root, New.Name("folder"))).FullName;
        await server.CommitAsync(source, Tables.WriteLandings(folder, "landings.parquet", 40));
        var key = new { name = "airport", type = "string", column = "origin" };
        var view = new
        {
            @namespace = open,
            name = "delays",
            owner = "team",
            definition = new
            {
                entities = new[] { new { name = "airport", keys = new[] { key } } },
                source = new { dataset = source.Node, eventTime = "landed" },
                features = new[] { new { name = "delay", type = "float64", column = "delay" } },
            },
        };
        (await admin.PostAsync("/v1/feature-views/apply", new { views = new[] { view } })).Expect(200);
        (await admin.PostAsync("/v1/feature-generations", new { node = $"feature-view:{open}/delays" })).Expect(201);
        var spec = new
        {
            rows = new { dataset = source.Node, eventTime = "landed", columns = new[] { "carrier" } },
            views = new[] { new { view = $"feature-view:{open}/delays", keys = new { airport = "origin" } } },
            owner = "team",
        };
        (await admin.PostAsync($"/v1/training-sets/{open}/rows", spec)).Expect(201);
        var (ada, principal) = await server.SomebodyAsync();
        var allow = new
        {
            id = New.Name("allow"),
            principals = new[] { principal },
            actions = new[] { "read", "read-data" },
            resources = new[] { $"namespace:{open}" },
        };
        (await server.ApplyAsync(allow)).Expect(200);
        (await ada.GetAsync(source.Url)).ExpectProblem(403, "access.denied");

        string[] pages =
        [
            $"/v1/feature-views?namespace={open}", $"/v1/feature-views/{open}/delays", $"/v1/feature-views/{open}/delays/versions/1",
            $"/v1/feature-views/{open}/delays/generations", $"/v1/training-sets/{open}/rows/versions/1",
        ];
        foreach (var page in pages)
        {
            var shown = (await ada.GetAsync(page)).Expect(200).Text;
            Assert.DoesNotContain(hidden, shown, StringComparison.Ordinal);
            Assert.Contains("redacted", shown, StringComparison.Ordinal);
            Assert.Contains(hidden, (await admin.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        }

        (await ada.GetAsync($"/v1/training-sets/{open}/rows/versions/1/rows/0")).ExpectProblem(403, "access.denied");
    }
}
