using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.Tests.Datasets;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Models;

public sealed class ModelDecisionTests
{
    private static readonly NodeId s_node = NodeId.Model("demo", "delay");
    private static readonly ModelRegistered s_registered = new("demo", "delay", "team-data", "");
    private static readonly Guid s_other = new("0198b2c9-1140-7e21-8f0a-6c5b9e7d2a10");
    private static readonly Run? s_running = Scenario.Fold<Run>(Flights.Started);

    [Fact]
    public void A_new_name_is_registered_and_registering_it_again_is_unchanged()
    {
        var command = new RegisterModel.Command("demo", "delay", "team-data");

        Scenario.Given<Model>()
            .When(s => RegisterModel.Decide(s, command)).Then(s_registered)
            .When(s => RegisterModel.Decide(s, command with { Documentation = "Other." })).ThenUnchanged()
            .When(s => RegisterModel.Decide(s, command with { Owner = "team-b" })).ThenRefused("model.exists");
    }

    [Fact]
    public void A_retired_name_is_never_reused() =>
        Scenario.Given<Model>(s_registered, new ModelRetired("Old."))
            .When(s => RegisterModel.Decide(s, new("demo", "delay", "team-data"))).ThenRefused("model.retired");

    [Fact]
    public void A_version_is_served_a_feature_service_and_another_takes_its_place()
    {
        var (first, second) = (NodeId.FeatureService("demo", "live", "1"), NodeId.FeatureService("demo", "live", "2"));
        var given = Scenario.Given<Model>(s_registered, Created(1, 'a'), new ModelAliasSet("champion", 1))
            .When(s => NameFeatureService.Decide(s, s_node, "champion", first)).Then(new ModelFeaturesNamed(1, first))
            .When(s => NameFeatureService.Decide(s, s_node, "1", first)).ThenUnchanged()
            .When(s => NameFeatureService.Decide(s, s_node, "latest", second)).Then(new ModelFeaturesNamed(1, second));

        given.When(s => NameFeatureService.Decide(s, s_node, "2", first)).ThenRefused("version.not_found");
        Scenario.Given<Model>().When(s => NameFeatureService.Decide(s, s_node, "1", first)).ThenRefused("model.not_found");
    }

    [Fact]
    public void A_version_belongs_to_the_run_that_made_it() =>
        Scenario.Given<Model>(s_registered)
            .When(s => Create(s, 'a')).Then(Created(1, 'a'), new RunOutputRecorded(s_node.WithVersion(1)))
            .When(s => Create(s, 'b')).Then(Created(2, 'b'), new RunOutputRecorded(s_node.WithVersion(2)));

    [Fact]
    public void The_same_artifacts_of_the_same_run_are_the_same_version_even_after_its_end()
    {
        var model = Scenario.Given<Model>(s_registered, Created(1, 'a'));

        model.When(s => Create(s, 'a')).ThenUnchanged();
        model.When(s => Create(s, 'a', Scenario.Fold<Run>(Flights.Started, new RunCompleted()))).ThenUnchanged();
    }

    [Fact]
    public void A_key_stands_for_a_version_that_was_there_already() =>
        CreateModelVersion.Decide(
            Scenario.Fold<Model>(s_registered, Created(1, 'a')),
            s_running, s_node, Body(Flights.RunId) with { IdempotencyKey = "k" }, Flights.Content('a'), "d")
            .Accepts(new ModelCommitRepeated(1, "k", "d"));

    [Fact]
    public void The_same_artifacts_of_another_run_are_another_version() =>
        Scenario.Given<Model>(s_registered, Created(1, 'a'))
            .When(s => Create(s, 'a', s_running, s_other)).Then(Created(2, 'a', s_other), new RunOutputRecorded(s_node.WithVersion(2)));

    [Fact]
    public void A_run_that_has_ended_or_never_began_makes_nothing()
    {
        var model = Scenario.Given<Model>(s_registered);

        model.When(s => Create(s, 'a', Scenario.Fold<Run>(Flights.Started, new RunAborted("x")))).ThenRefused("run.ended", "aborted");
        model.When(s => CreateModelVersion.Decide(s, run: null, s_node, Body(Flights.RunId), Flights.Content('a'), digest: null))
            .ThenRefused("run.not_found");
    }

    [Fact]
    public void An_alias_points_to_a_version_that_is_there() =>
        Scenario.Given<Model>(s_registered, Created(1, 'a'), Created(2, 'b'))
            .When(s => Alias(s, "champion", 2)).Then(new ModelAliasSet("champion", 2))
            .When(s => Alias(s, "champion", 2)).ThenUnchanged()
            .When(s => Alias(s, "champion", 1)).Then(new ModelAliasSet("champion", 1))
            .When(s => Alias(s, "champion", number: null)).Then(new ModelAliasRemoved("champion"))
            .When(s => Alias(s, "champion", number: null)).ThenUnchanged()
            .When(s => Alias(s, "champion", 3)).ThenRefused("version.not_found", "the latest is 2");

    [Fact]
    public void A_version_is_deployed_by_number_alias_or_latest() =>
        Scenario.Given<Model>(s_registered, Created(1, 'a'), Created(2, 'b'), new ModelAliasSet("champion", 1))
            .When(s => Deploy(s, "eu", "champion")).Then(new ModelDeployed("eu", 1))
            .When(s => Deploy(s, "eu", "1")).ThenUnchanged()
            .When(s => Deploy(s, "eu", "latest")).Then(new ModelDeployed("eu", 2))
            .When(s => Deploy(s, "us", "2")).Then(new ModelDeployed("us", 2))
            .When(s => Deploy(s, "eu", version: null)).Then(new ModelUndeployed("eu", 2))
            .When(s => Deploy(s, "eu", version: null)).ThenUnchanged()
            .When(s => Deploy(s, "eu", "3")).ThenRefused("version.not_found");

    [Fact]
    public void A_deployment_does_not_follow_its_alias() =>
        Assert.Equal(
            1,
            Scenario.Fold<Model>(
                s_registered, Created(1, 'a'), Created(2, 'b'),
                new ModelDeployed("eu", 1), new ModelAliasSet("champion", 2))?.Deployments["eu"]);

    [Theory]
    [InlineData("latest")]
    [InlineData("1")]
    [InlineData("champion")]
    public void A_model_without_versions_serves_nowhere(string version) =>
        Scenario.Given<Model>(s_registered).When(s => Deploy(s, "eu", version)).ThenRefused("version.not_found");

    [Fact]
    public void What_serves_is_not_retired() =>
        Scenario.Given<Model>(
                s_registered, Created(1, 'a'), new ModelDeployed("eu", 1), new ModelDeployed("us", 1), new ModelUndeployed("us", 1))
            .When(s => Retire(s)).ThenRefused("model.deployed", "eu");

    [Fact]
    public void A_model_is_retired_once() =>
        Scenario.Given<Model>(s_registered)
            .When(Retire).Then(new ModelRetired("Old."))
            .When(Retire).ThenUnchanged();

    [Fact]
    public void Nothing_is_decided_about_what_is_not_there_or_retired()
    {
        Func<Model?, Decision>[] changes =
        [
            s => Create(s, 'a'), s => Alias(s, "champion", 1), s => Alias(s, "champion", number: null),
            s => Deploy(s, "eu", "1"), s => Deploy(s, "eu", version: null),
        ];

        Assert.All(changes, change => Scenario.Given<Model>().When(change).ThenRefused("model.not_found", "model:demo/delay"));
        Assert.All(
            changes,
            change => Scenario.Given<Model>(s_registered, Created(1, 'a'), new ModelRetired("Old."))
                .When(change).ThenRefused("model.retired"));
        Scenario.Given<Model>().When(Retire).ThenRefused("model.not_found");
    }

    [Fact]
    public void Any_history_has_dense_numbers_and_points_to_versions_that_are_there()
    {
        var word = Gen.OneOf("a", "b", "latest", "1", "3");
        var ask = Gen.OneOf(
            Gen.Select(Gen.Char['a', 'c'], Gen.Bool, (letter, other) =>
                Ask(s => Create(s, letter, s_running, other ? s_other : Flights.RunId))),
            Gen.Select(Gen.OneOf("a", "b"), Gen.Long[1, 5], Gen.Bool, (alias, number, on) => Ask(s => Alias(s, alias, on ? number : null))),
            Gen.Select(Gen.OneOf("eu", "us"), word, Gen.Bool, (endpoint, version, on) =>
                Ask(s => Deploy(s, endpoint, on ? version : null))),
            Gen.Frequency((19, Gen.Const(Ask(_ => Decision.Unchanged))), (1, Gen.Const(Ask(Retire)))));

        ask.Array[0, 40].Sample(asks =>
        {
            var facts = new List<object> { s_registered };
            foreach (var one in asks)
            {
                if (one(Scenario.Fold<Model>(facts.Where(f => f is not RunOutputRecorded))) is Decision.Accepted accepted)
                    facts.AddRange(accepted.Facts);
            }

            var state = Scenario.Fold<Model>(facts) ?? throw new InvalidOperationException("It was registered.");
            Assert.Equal(
                Enumerable.Range(1, (int)state.Latest).Select(n => (long)n),
                facts.OfType<ModelVersionCreated>().Select(f => f.Number));
            Assert.All(state.Aliases.Values.Concat(state.Deployments.Values), number => Assert.InRange(number, 1, state.Latest));
            Assert.True(!state.Retired || state.Deployments.IsEmpty);
        });
    }

    private static Func<Model?, Decision> Ask(Func<Model?, Decision> ask) => ask;

    private static CreateModelVersion.Body Body(Guid run) => new(run, []);

    private static ModelVersionCreated Created(long number, char letter, Guid? run = null)
    {
        Content content = Flights.Content(letter);
        var root = content.RootOn(number == 1 ? null : number - 1, run ?? Flights.RunId, message: null);
        return new(
            number, run ?? Flights.RunId, content.ContentHash, ManifestHash.Compute(root), 1, 10,
            Message: null, IdempotencyKey: null, RequestDigest: null);
    }

    private static Decision Create(Model? state, char letter, Run? run = null, Guid? id = null) =>
        CreateModelVersion.Decide(state, run ?? s_running, s_node, Body(id ?? Flights.RunId), Flights.Content(letter), digest: null);

    private static Decision Alias(Model? state, string alias, long? number) =>
        AliasModelVersion.Decide(state, new("demo", "delay", alias, number, ExpectedStreamVersion: null));

    private static Decision Deploy(Model? state, string endpoint, string? version) =>
        DeployModel.Decide(state, new("demo", "delay", endpoint, version));

    private static Decision Retire(Model? state) => RetireModel.Decide(state, new("demo", "delay", "Old."));
}
