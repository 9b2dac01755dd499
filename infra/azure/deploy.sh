#!/usr/bin/env bash
# Deploys the Azure half of policy-mirror with the Azure CLI, as far as what it is told allows, and says what
# comes next. Running it again changes nothing that is right already. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: infra/azure/deploy.sh --group NAME --location REGION [options]

It goes as far as its options allow: identities, app, code, events, and sign-in if asked for.

  --group NAME         resource group for the function app; made if it is not there
  --location REGION    such as westeurope
  --name PREFIX        of every name (default: policy-mirror)
  --audience URI       Application ID URI for AWS (default: api://TENANT/policy-mirror)

For the app:
  --hub ID             resource id of an IoT hub of the routes; once for each
  --routes FILE        routes.yaml, the same that the Lambda has
  --ledger PLACE       dynamodb:TABLE@REGION (output LedgerPlace of the AWS stack)
  --ledger-role ARN    output GuestRoleArn of the AWS stack; default: the role of the first route
  --aws-issuer URL     aws iam get-outbound-web-identity-federation-info
  --lambda-role ARN    output MirrorRoleArn of the AWS stack
  --alert-email WHOM   told of alerts; once for each
  --operator ID        who may act from the page: id of an Entra group or person, or app role; once for each
  --notices WHERE      of POLICY_MIRROR_NOTICES, or a Key Vault reference to it; default: a topic that is made

For the code and the events:
  --package FILE       what `make build` made (default: build/azure.zip, if it is there)
  --topic ID           the system topic that the hubs' group or subscription has already
  --sign-in            people sign in with Entra before anything reaches the function over HTTP

  --what-if            show what would change, change nothing
  --help
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
group='' location='' name=policy-mirror audience='' routes='' ledger='' ledger_role=''
aws_issuer='' lambda_role='' mirror='' notices='' package='' topic='' sign_in=false what_if=false
hubs=() emails=() operators=()
PAUSE=${POLICY_MIRROR_PAUSE:-15} # seconds between two tries of what Azure needs a while for

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
    printf 'deploy.sh: %s\n' "$*" >&2
    exit 1
}

read_options() {
    while (($#)); do
        case $1 in
            --help) usage && exit 0 ;;
            --sign-in) sign_in=true && shift && continue ;;
            --what-if) what_if=true && shift && continue ;;
            --*)
                [[ $(usage) == *"  $1 "* ]] || die "no option $1; see --help"
                [[ -n ${2-} && ${2-} != --* ]] || die "$1 needs a value; see --help"
                ;;
            *) die "what is '$1'? See --help" ;;
        esac
        case $1 in
            --group) group=$2 ;;
            --location) location=$2 ;;
            --name) name=$2 ;;
            --audience) audience=$2 ;;
            --hub) hubs+=("${2%/}") ;;
            --routes) routes=$2 ;;
            --ledger) ledger=$2 ;;
            --ledger-role) ledger_role=$2 ;;
            --aws-issuer) aws_issuer=${2%/} ;;
            --lambda-role) lambda_role=$2 ;;
            --alert-email) emails+=("$2") ;;
            --operator) operators+=("$2") ;;
            --notices) notices=$2 ;;
            --package) package=$2 ;;
            --topic) topic=$2 ;;
        esac
        shift 2
    done
}

check_options() {
    [[ -n $group && -n $location ]] || die "--group and --location are needed; see --help"
    [[ -z $routes || -r $routes ]] || die "$routes cannot be read"
    [[ -z $package || -r $package ]] || die "$package cannot be read; make it with: make build"
    [[ -z $ledger || $ledger == dynamodb:*@* ]] || die "--ledger is dynamodb:TABLE@REGION, not $ledger"
    [[ -z $aws_issuer || $aws_issuer == https://* ]] || die "--aws-issuer is an https:// address, not $aws_issuer"
    [[ -z $lambda_role || $lambda_role == arn:*:iam::*:role/* ]] ||
        die "--lambda-role is arn:aws:iam::ACCOUNT:role/NAME, not $lambda_role"
    local item hub
    for item in ${hubs[@]+"${hubs[@]}"} ${emails[@]+"${emails[@]}"} ${operators[@]+"${operators[@]}"}; do
        [[ $item != *[\"\\]* ]] || die "a quote or backslash in $item"
    done
    for hub in ${hubs[@]+"${hubs[@]}"}; do
        [[ $(lower "$hub") =~ ^/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.devices/iothubs/[^/]+$ ]] ||
            die "--hub is /subscriptions/.../resourceGroups/.../providers/Microsoft.Devices/IotHubs/NAME, not $hub"
    done
}

# What cannot be read stops the mirror, and an event of a scope that it does not name is not even held for later.
check_routes() {
    [[ -n $routes ]] || return 0
    mirror=$here/../../.venv/bin/policy-mirror
    [[ -x $mirror ]] || mirror=$(command -v policy-mirror) ||
        { say "$routes is not checked: make setup, and it will be" && return 0; }
    "$mirror" routes "$routes" || die "$routes cannot be deployed like that"
}

# As the function reads it soonest, if there is what makes it so.
routes_document() {
    if [[ -n $mirror ]]; then "$mirror" routes "$routes" --compact; else cat "$routes"; fi
}

lower() { tr '[:upper:]' '[:lower:]' <<<"$1"; }

json_list() { # a b -> ["a","b"]; check_options has seen that nothing needs an escape
    local list='' item
    for item in "$@"; do list+=${list:+,}\"$item\"; done
    printf '[%s]' "$list"
}

# ---------------------------------------------------------------- Azure, asked and told

check_azure() {
    command -v az >/dev/null || die "the Azure CLI (az) is not on the PATH"
    local version
    version=$(az version --query '"azure-cli"' --output tsv)
    # 2.68 is the first that can ask for the version of an application's tokens.
    if [[ ! $version =~ ^([0-9]+)\.([0-9]+) ]] || ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] < 2068)); then
        die "Azure CLI $version is too old: 2.68 or later is needed (az upgrade)"
    fi
    tenant=$(az account show --query tenantId --output tsv) || die "not signed in: az login"
    subscription=$(az account show --query id --output tsv)
    audience=${audience:-api://$tenant/policy-mirror}
    say "subscription $subscription, tenant $tenant"
}

register_providers() {
    local provider
    for provider in Web Storage EventGrid ManagedIdentity Insights OperationalInsights Security; do
        [[ $(az provider show --namespace "Microsoft.$provider" --query registrationState --output tsv) == Registered ]] ||
            az provider register --namespace "Microsoft.$provider" --wait --output none
    done
}

# deploy NAME FILE PARAMETER=VALUE... : three tries, since a new identity or role is not known everywhere at once.
deploy() {
    local deployment=$1 template=$2 try
    shift 2
    local arguments=(--resource-group "$group" --template-file "$here/$template" --parameters "$@")
    if $what_if; then
        az deployment group what-if "${arguments[@]}"
        return
    fi
    for try in 1 2 3; do
        az deployment group create --name "$deployment" "${arguments[@]}" --output none && return
        ((try == 3)) || { say "trying again in $PAUSE s" && sleep "$PAUSE"; }
    done
    die "$template was refused three times; what Azure said is above"
}

output_of() { # NAME KEY [FORMAT]
    az deployment group show --resource-group "$group" --name "$1" \
        --query "properties.outputs.$2.value" --output "${3:-tsv}"
}

# ---------------------------------------------------------------- the steps

make_group() {
    [[ $(az group exists --name "$group") == true ]] && return
    if $what_if; then
        say "resource group $group would be made in $location; what comes into it can be shown once it is there"
        exit 0
    fi
    az group create --name "$group" --location "$location" --output none
}

# The application whose URI is the audience of the tokens for AWS. Nobody signs in to it and it has no secret.
make_audience() {
    local id
    id=$(az ad app list --identifier-uri "$audience" --query '[0].appId' --output tsv)
    if $what_if; then
        [[ -n $id ]] || say "an Entra application with the URI $audience would be made"
        return
    fi
    if [[ -z $id ]]; then
        id=$(az ad app create --display-name "$name, audience for AWS" --identifier-uris "$audience" \
            --sign-in-audience AzureADMyOrg --requested-access-token-version 1 --query appId --output tsv) ||
            die "Entra refused the Application ID URI $audience; what it said is above. Where a tenant's policy allows
no URI but one with the application's own id (Microsoft Graph, identifierUriConfiguration, 2026-11), make it by hand:
  id=\$(az ad app create --display-name '$name, audience for AWS' --sign-in-audience AzureADMyOrg --query appId -o tsv)
  az ad app update --id \$id --identifier-uris api://$tenant/\$id
Then run this again with --audience api://$tenant/\$id, and give the AWS stack the same as EntraAudience."
    else # v2 tokens would name the application, not its URI
        az ad app update --id "$id" --requested-access-token-version 1
    fi
    az ad sp show --id "$id" --output none 2>/dev/null || az ad sp create --id "$id" --output none
}

make_identities() {
    step "identities"
    make_audience
    deploy "$name-step-identities" modules/identities.bicep "name=$name" "location=$location" \
        "awsIssuer=$aws_issuer" "lambdaRoleArn=$lambda_role"
}

missing_for_app() {
    local missing=''
    [[ -n $routes ]] || missing+=' --routes'
    [[ -n $ledger ]] || missing+=' --ledger'
    [[ -n $aws_issuer ]] || missing+=' --aws-issuer'
    [[ -n $lambda_role ]] || missing+=' --lambda-role'
    ((${#hubs[@]})) || missing+=' --hub'
    printf '%s' "$missing"
}

say_what_aws_needs() {
    $what_if && return
    cat <<TEXT

Next, on AWS: update the stack with
  EntraTenantId=$tenant
  EntraAudience=$audience
  EntraPrincipalId=$(output_of "$name-step-identities" appPrincipalId)
Then, in routes.yaml:
  azure.tenant_id: $tenant
  azure.client_id: $(output_of "$name-step-identities" lambdaClientId)
  aws.role_arn: the stack's output GuestRoleArn
TEXT
}

make_app() {
    step "app"
    deploy "$name-step-app" main.bicep "name=$name" "location=$location" "hubIds=$(json_list "${hubs[@]}")" \
        "routes=$(routes_document)" "ledger=$ledger" "ledgerRole=$ledger_role" "awsAudience=$audience" \
        "awsIssuer=$aws_issuer" "lambdaRoleArn=$lambda_role" \
        "alertEmails=$(json_list ${emails[@]+"${emails[@]}"})" \
        "operators=$(json_list ${operators[@]+"${operators[@]}"})" "notices=$notices"
}

put_code() {
    step "code"
    az functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$package" --output none
    local try
    for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
        az functionapp function show --resource-group "$group" --name "$app" --function-name on_policy_event \
            --output none 2>/dev/null && return
        say "waiting for $app to find its functions ($try of 12)"
        sleep "$PAUSE"
    done
    die "$app shows no function on_policy_event: az webapp log tail --resource-group $group --name $app"
}

# The hubs' resource group if it is one, else their subscription.
source_of_events() {
    local groups subscriptions
    groups=$(for hub in "${hubs[@]}"; do lower "$hub" | cut -d/ -f1-5; done | sort -u)
    subscriptions=$(cut -d/ -f1-3 <<<"$groups" | sort -u)
    [[ $subscriptions != *$'\n'* ]] ||
        die "the hubs are of several subscriptions; deploy once for each, with another --name"
    if [[ $groups == *$'\n'* ]]; then cut -d/ -f1-3 <<<"${hubs[0]}"; else cut -d/ -f1-5 <<<"${hubs[0]}"; fi
}

# Azure allows one system topic for a source. Whose it is does not matter, if it may write dead letters.
find_topic() { # SOURCE
    [[ -z $topic ]] || return 0
    local id of ours listed
    listed=$(az eventgrid system-topic list --subscription "$(cut -d/ -f3 <<<"$1")" \
        --query '[].[id, source]' --output tsv)
    while IFS=$'\t' read -r id of; do
        ours=$(lower "$id")
        if [[ $(lower "$of") == "$(lower "$1")" && ${ours##*/} != "$(lower "$name-topic")" ]]; then
            topic=$id
        fi
    done <<<"$listed"
}

make_events() {
    step "events"
    local source principal=''
    source=$(source_of_events)
    find_topic "$source"
    if [[ -n $topic ]]; then
        say "using the system topic that is there: $topic"
        principal=$(az resource show --ids "$topic" --query identity.principalId --output tsv)
        [[ -n $principal ]] || die "the topic has no identity to write dead letters with; give it one:
  az resource update --ids $topic --set identity.type=SystemAssigned"
    fi
    deploy "$name-step-events" events.bicep "name=$name" "sourceId=$source" "existingTopicId=$topic" \
        "existingTopicPrincipalId=$principal" "appName=$app" \
        "storageName=$(output_of "$name-step-app" storageName)" \
        "deadLetterContainer=$(output_of "$name-step-app" deadLetterContainer)" \
        "actionGroupIds=$(output_of "$name-step-app" actionGroupIds json)"
}

# An application that people sign in to. The app proves itself to it by its identity: no client secret.
make_sign_in() {
    step "sign-in"
    local host title="$name, page" id credential
    host=$(output_of "$name-step-app" appHost)
    id=$(az ad app list --display-name "$title" --query "[?web.redirectUris[0]=='https://$host/.auth/login/aad/callback'] | [0].appId" --output tsv)
    if $what_if; then
        [[ -n $id ]] || { say "an Entra application '$title' would be made" && return; }
    elif [[ -z $id ]]; then
        id=$(az ad app create --display-name "$title" --sign-in-audience AzureADMyOrg --enable-id-token-issuance true \
            --web-redirect-uris "https://$host/.auth/login/aad/callback" --query appId --output tsv)
    fi
    if ! $what_if; then
        az ad app update --id "$id" --set groupMembershipClaims=SecurityGroup
        az ad sp show --id "$id" --output none 2>/dev/null || az ad sp create --id "$id" --output none
        credential=$(az ad app federated-credential list --id "$id" --query "[?name=='function-app'].name" --output tsv)
        [[ -n $credential ]] || az ad app federated-credential create --id "$id" --output none --parameters "{
            \"name\": \"function-app\", \"audiences\": [\"api://AzureADTokenExchange\"],
            \"issuer\": \"https://login.microsoftonline.com/$tenant/v2.0\",
            \"subject\": \"$(output_of "$name-step-app" appPrincipalId)\"}"
    fi
    deploy "$name-step-sign-in" sign-in.bicep "appName=$app" "clientId=$id"
}

main() {
    read_options "$@"
    check_options
    check_routes
    check_azure
    $what_if || register_providers
    make_group
    make_identities
    local missing
    missing=$(missing_for_app)
    if [[ -n $missing ]]; then
        say_what_aws_needs
        say "Then run this again with$missing."
        return
    fi
    make_app
    if $what_if; then
        app=$(output_of "$name-step-app" appName 2>/dev/null) ||
            { say "the events can be shown once the app is there" && return; }
    else
        app=$(output_of "$name-step-app" appName)
        [[ -n $package || ! -r build/azure.zip ]] || package=build/azure.zip
        if [[ -z $package ]]; then
            say "Next: make build, then run this again. (Event Grid wants the function to be there first.)"
            return
        fi
        put_code
    fi
    make_events
    if $sign_in; then make_sign_in; fi
    $what_if || finished
}

finished() {
    say_what_aws_needs
    cat <<TEXT

All of Azure's half is there: $app
  is it well?   az monitor app-insights query --apps $name-insights --resource-group $group \\
                  --analytics-query "requests | where timestamp > ago(1h) | summarize count() by name, success"
  its key       az functionapp keys list --resource-group $group --name $app --query functionKeys
TEXT
}

main "$@"
